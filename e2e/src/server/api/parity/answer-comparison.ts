import type { IncomingHttpHeaders } from "node:http";
import type { KnownDifference } from "../../../support/known-differences.ts";
import { reworded } from "../../promql/differential/rewordings.ts";
import type { DrawnRequest } from "./drawn-requests.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Body of the answer, decompressed. */
  readonly text: string;
}

const HEADERS = [
  ["content-type", "vary", "allow", "location", "x-content-type-options", "cache-control", "content-range"],
  ["access-control-allow-origin", "access-control-allow-headers", "access-control-allow-methods"],
  ["access-control-expose-headers", "etag", "last-modified", "accept-ranges", "x-prometheus-stopping"],
].flat();

/** Converts an answer to a text for the comparison. Two equivalent answers give equal texts. */
export function comparable(request: DrawnRequest, { status, headers, text }: Answer): string {
  const lines = HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [`${name}: ${String(headers[name])}`]));
  return [String(status), ...lines, bodyOf(request, text)].join(" | ");
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

function bodyOf({ path }: DrawnRequest, text: string): string {
  let body: Json;
  try {
    // Times close to the present are replaced, because a query without a time uses the current time.
    body = JSON.parse(text.replace(/\b1[789]\d{8}(?:\.\d+)?\b/g, "0")) as Json;
  } catch {
    return withoutItems(text);
  }
  const endpoint = /\/api\/v1\/([^?]*)/.exec(path)?.[1] ?? "";
  const { data, error, warnings, infos, ...rest } = body as { readonly [name: string]: Json };
  const view = VIEWS[endpoint];
  return JSON.stringify({
    ...rest,
    warnings: remarks(warnings),
    infos: remarks(infos),
    ...(data !== undefined && { data: view === undefined ? data : view(data) }),
    ...(typeof error === "string" && { error: withoutItems(reworded(error)) }),
  });
}

/** Removes token names of the form "<Item N>" from an error message. N is an internal number of Prometheus' parser. */
const withoutItems = (text: string): string => text.replace(/"<Item \d+>" /, "");

const NEWER_LABELS = [
  "__always_scrape_classic_histograms__",
  "__convert_classic_histograms_to_nhcb__",
  "__scrape_native_histograms__",
];

const NEWER_FIELDS = ["anchored", "smoothed", "offsetExpr", "rangeExpr", "stepExpr", "fillValues"];

/** Functions, by endpoint, that remove the parts of a response that are not compared. */
const VIEWS: Readonly<Record<string, (data: Json) => Json>> = {
  // Ignores the order of elements, which is defined only if the query sorts. Another test compares order and statistics
  // of queries.
  query: (data) => inAnyOrder(without(data, ["timings", "samplesRead", "peakSamples"])),
  query_range: (data) => without(data, ["timings", "samplesRead", "peakSamples"]),
  // Ignores the order of series: for a single selector, each server returns them in the order of its index.
  series: (data) => inAnyOrder(data),
  // The printed configuration is not compared, because later versions print more settings. Another test compares
  // configurations.
  "status/config": () => null,
  parse_query: (data) => without(data, NEWER_FIELDS),
  // Ignores the order of the targets of a scrape pool, which is undefined.
  targets: (data) => inAnyOrder(without(data, NEWER_LABELS)),
  // Ignores the state of rules that were not evaluated yet, and page tokens. Versions after the compared one compute
  // both differently.
  rules: (data) => without(data, ["state", "groupNextToken"]),
  // Ignores two things that are undefined: the number of chunks after a replay of the write-ahead log, and the order of
  // entries with equal values.
  "status/tsdb": (data) => inAnyOrder(without(data, ["chunkCount", "memoryInBytesByLabelName", "name"])),
  // Ignores the progress of the replay, because Prometheus starts another segment of the write-ahead log than our
  // server.
  "status/walreplay": () => null,
};

function without(value: Json, names: readonly string[]): Json {
  if (isList(value)) return value.map((one) => without(one, names));
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([name]) => !names.includes(name));
  return Object.fromEntries(kept.map(([name, part]) => [name, without(part, names)]));
}

/** Sorts every list of objects in a JSON value, so that its order does not matter. */
function inAnyOrder(value: Json): Json {
  if (isList(value)) {
    const parts = value.map(inAnyOrder);
    const isOfObjects = parts.every((part) => part !== null && typeof part === "object" && !isList(part));
    return isOfObjects ? parts.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : parts;
  }
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inAnyOrder(part)]));
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Matches warnings that only later Prometheus versions than the compared one return. */
const LATER_WARNINGS = /^value .* for parameter "stats" is deprecated|sort is ineffective for range queries/;

/** Returns the warnings of an answer in a fixed order. */
function remarks(lines: Json | undefined): readonly string[] {
  const warnings = isList(lines ?? null) ? (lines as readonly string[]) : [];
  return warnings
    .filter((line) => !LATER_WARNINGS.test(line))
    .map(reworded)
    .toSorted();
}

/** The responses of our server and Prometheus to one request, if they differ. */
export interface AnswerDifference {
  readonly request: DrawnRequest;
  readonly theirs: Answer;
  readonly ours: Answer;
}

/** Rules for accepted differences between responses. */
export const KNOWN: readonly KnownDifference<AnswerDifference>[] = [
  {
    reason:
      "What is no number, and seconds that 64 bits do not hold in milliseconds, are times that Go's conversion leaves to the machine; the year 1 is beyond its nanoseconds.",
    share: 0.05,
    applies: ({ request }) => /NaN|Inf|-?922337203685477|0001-01-01|-292273086/.test(fieldsOf(request)),
  },
  {
    reason:
      "A query whose time is over before it began is told so, with the status of that: the original takes the query for the mistake.",
    share: 0.02,
    applies: ({ theirs, ours }) =>
      theirs.text.includes("context deadline exceeded") && (ours.status === 503 || ours.status === 400),
  },
  {
    reason: "Steps are whole milliseconds: one that is shorter is none.",
    share: 0.02,
    applies: ({ request, ours }) =>
      fieldsOf(request).includes("step=0.0005") && ours.text.includes("zero or negative query resolution"),
  },
  {
    reason: "A browser that asks for a page that does not exist gets a page that says so.",
    share: 0.02,
    applies: ({ request: { headers }, theirs, ours }) =>
      headers["accept"] === "text/html" &&
      theirs.status === 404 &&
      ours.status === 404 &&
      ours.text.startsWith("<!doctype html>"),
  },
  {
    reason: "The fields of a multipart form are read by all endpoints alike.",
    share: 0.02,
    applies: ({ request: { path, headers } }) =>
      /\/series\b/.test(path) && (headers["content-type"] ?? "").startsWith("multipart"),
  },
  {
    reason: "A letter of the path is the same letter when it is escaped, and an escaped slash is part of a name.",
    share: 0.02,
    applies: ({ request: { path }, theirs }) => /v%31|a%2Fb/.test(path) && theirs.status === 404,
  },
  {
    reason: "Elements have no order, and a limit leaves the first.",
    share: 0.02,
    applies: ({ request: { path }, theirs, ours }) =>
      path.includes("/query") && [theirs, ours].every(({ text }) => text.includes("results truncated due to limit")),
  },
  {
    reason: "Of the values of several selectors a limit leaves the first; the original cuts those of each first.",
    share: 0.02,
    applies: ({ request: { path }, theirs, ours }) =>
      path.includes("/label/") && [theirs, ours].every(({ text }) => text.includes("results truncated due to limit")),
  },
  {
    reason: "Later versions limit the rows of the statistics.",
    since: "3.14",
    share: 0.02,
    applies: ({ request: { path }, ours }) =>
      path.includes("/status/tsdb") && ours.text.includes("limit must not exceed 10000"),
  },
  {
    reason: "Routes that write refuse the pages of other sites, for which the original would write.",
    share: 0.02,
    applies: ({ request: { headers }, ours }) =>
      ours.status === 403 && headers["origin"] !== undefined && ours.text.startsWith("Routes that write refuse"),
  },
  {
    reason: "Nothing is at /api/v1/ either, to which the original redirects.",
    share: 0.02,
    applies: ({ request: { path }, theirs }) =>
      /\/api\/v(?:1|%31)(?:\?|$)/.test(path) && theirs.headers.location?.startsWith("/api/v1/") === true,
  },
  {
    reason: "A body of a type that is none is refused before its sender is told that nothing is there.",
    share: 0.02,
    applies: ({ theirs, ours }) => theirs.status !== 200 && ours.status === 415,
  },
  {
    reason: "HEAD tells the type that GET tells.",
    share: 0.02,
    applies: ({ request: { method }, theirs, ours }) =>
      method === "HEAD" && theirs.status === 200 && ours.status === 200,
  },
  {
    reason:
      "A path with a slash at its end is redirected to a path without /api/v1, at which nothing is: the client gets 404 a request later.",
    share: 0.02,
    applies: ({ request: { path }, theirs, ours }) =>
      /^\/api\/v1\/.*\/(?:\?|$)/.test(path) && [301, 307].includes(theirs.status) && ours.status === 404,
  },
];

const fieldsOf = ({ path, body }: DrawnRequest): string => `${path} ${body?.toString() ?? ""}`;
