import type { Request } from "./request.ts";

/** Accepted differences between the answers of the original Alertmanager and ours, each with its reason. */
const KNOWN: readonly { readonly why: string; readonly is: (text: string, one: Request) => boolean }[] = [
  {
    why: "null for an alert or a matcher makes Alertmanager panic and cut the line; ours says what is missing",
    is: (text) => /^\[(?:.*,)?null\]$/.test(text) || text.includes('"matchers":[null]'),
  },
  {
    why: "versions and times; compared by itself",
    is: (_, { path, method = "GET" }) => method === "GET" && /\/status(?:\?|$)/.test(path),
  },
  {
    why: "bytes that are no UTF-8 are named in Alertmanager's refusal; ours has replaced them by then",
    is: (_, { body }) => Buffer.isBuffer(body) && (body[0] === 0xff || body[1] === 0xff),
  },
];

export const isKnownDifference = (one: Request): boolean => KNOWN.some(({ is }) => is(String(one.body ?? ""), one));
