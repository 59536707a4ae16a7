import type { HttpClient } from "@narthex/http";
import { shownUrl } from "./pinned-url.ts";

type Answer = Awaited<ReturnType<HttpClient["request"]>>;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;
/** A longer body of a redirect is not read to its end. */
const MAX_REDIRECT_BYTES = 16 * 1024;

/**
 * Sends a request, and follows redirects to the same host, also from http to https. Rejects for a redirect to another
 * host, which could be a host of the internal network.
 * @param send sends a GET request without following redirects
 */
export async function followOnHost(first: string, send: (url: string) => Promise<Answer>): Promise<Answer> {
  let url = first;
  for (let count = 0; count <= MAX_REDIRECTS; count++) {
    const answer = await send(url);
    const { location } = answer.headers;
    if (!REDIRECTS.has(answer.statusCode) || typeof location !== "string") return answer;
    await answer.body.dump({ limit: MAX_REDIRECT_BYTES });
    url = redirected(url, location);
  }
  throw new Error(`the address has more than ${MAX_REDIRECTS} redirects; write its last address into the flag`);
}

/** Returns the target of a redirect. Throws if the target is on another host. */
function redirected(from: string, location: string): string {
  const [before, target] = [new URL(from), URL.parse(location, from)];
  const isSecured = before.protocol === "http:" && target?.protocol === "https:" && target.port === "";
  const isAllowed = target?.origin === before.origin || (isSecured && target?.hostname === before.hostname);
  if (target === null || !isAllowed) {
    const shown = target === null ? "an invalid address" : shownUrl(target.href);
    throw new Error(`the address redirects to ${shown}; write this address into the flag if you trust it`);
  }
  target.username = before.username;
  target.password = before.password;
  return target.href;
}
