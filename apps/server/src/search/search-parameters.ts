import { ApiError, MAX_TIME_MS, MIN_TIME_MS, parseInt64, timeParameter } from "@narthex/http";
import { quote } from "@narthex/model";
import type { SearchListing } from "@narthex/querying";

const HOUR_MS = 3_600_000;
/** Default number of search results, and of results per line of the response. */
const DEFAULT_COUNT = 100;
/** Largest number of terms in a search. Each term is compared with every word. */
const MAX_TERMS = 32;
const ALGORITHMS = ["subsequence", "jarowinkler"] as const;

const refused = (problem: string): ApiError => new ApiError("bad_data", problem);

type Search = Omit<SearchListing, "kind" | "label" | "field">;

/**
 * Parses the parameters of a search, in the order in which invalid ones are reported.
 * @param maxLimit largest number of results; 0 for no limit
 */
export function searchOf(
  values: URLSearchParams,
  endpoint: string,
  { now, maxLimit }: { readonly now: number; readonly maxLimit: number },
): Search {
  const start = timeParameter(values, "start", now - HOUR_MS);
  const end = timeParameter(values, "end", now);
  if (end < start) throw refused("end timestamp must not be before start timestamp");
  const terms = values.getAll("search[]");
  if (terms.length > MAX_TERMS) throw refused(`too many search[] terms: got ${terms.length}, maximum is ${MAX_TERMS}`);
  const filter = { terms, ...likenessOf(values), caseSensitive: booleanOf(values, "case_sensitive", true) };
  const withScore = booleanOf(values, "include_score", false);
  const order = orderOf(values, terms);
  const limit = limitOf(values, maxLimit);
  const batchSize = countOf(values, "batch_size") ?? DEFAULT_COUNT;
  const sortBy = values.get("sort_by") ?? "";
  if (!["", "alpha", "score"].includes(sortBy))
    throw refused(`invalid sort_by ${quote(sortBy)} for ${endpoint}: must be "alpha" or "score"`);
  const range = { start: Math.max(start, MIN_TIME_MS), end: Math.min(end, MAX_TIME_MS) };
  return { match: values.getAll("match[]"), ...range, filter, order, limit, batchSize, withScore };
}

function likenessOf(values: URLSearchParams): Pick<Search["filter"], "threshold" | "algorithm"> {
  const text = values.get("fuzz_threshold") ?? "";
  const percent = text === "" ? 0 : parseInt64(text);
  if (typeof percent === "string" || percent < 0 || percent > 100)
    throw refused(`invalid fuzz_threshold ${quote(text)}: must be 0-100`);
  const name = values.get("fuzz_alg") ?? "";
  const algorithm = ALGORITHMS.find((one) => one === (name === "" ? "subsequence" : name));
  if (algorithm === undefined)
    throw refused(`unsupported fuzz_alg ${quote(name)}: must be one of [${ALGORITHMS.join(" ")}]`);
  return { threshold: percent / 100, algorithm };
}

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** Parses a boolean as Go does. */
export function booleanOf(values: URLSearchParams, name: string, fallback: boolean): boolean {
  const text = values.get(name) ?? "";
  if (text === "") return fallback;
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw refused(`invalid ${name} ${quote(text)}: must be boolean`);
}

function orderOf(values: URLSearchParams, terms: readonly string[]): Search["order"] {
  const by = values.get("sort_by") ?? "";
  const direction = values.get("sort_dir") ?? "";
  if (direction !== "" && by === "") throw refused("sort_dir is only valid when sort_by is set");
  if (direction !== "" && by === "score") throw refused("sort_dir is not supported for sort_by=score");
  if (!["", "asc", "dsc"].includes(direction))
    throw refused(`invalid sort_dir ${quote(direction)}: must be "asc" or "dsc"`);
  if (by === "score" && terms.length === 0) throw refused("sort_by=score requires search[] to be set");
  if (by === "score") return "score";
  return by === "alpha" && direction === "dsc" ? "descending" : "ascending";
}

function limitOf(values: URLSearchParams, maxLimit: number): number {
  const limit = countOf(values, "limit");
  if (limit === undefined) return maxLimit > 0 ? Math.min(DEFAULT_COUNT, maxLimit) : DEFAULT_COUNT;
  if (maxLimit > 0 && limit > maxLimit)
    throw refused(`limit ${limit} exceeds the configured maximum (${maxLimit}, see --web.search.max-limit)`);
  return limit;
}

function countOf(values: URLSearchParams, name: string): number | undefined {
  const text = values.get(name) ?? "";
  if (text === "") return undefined;
  const count = parseInt64(text);
  if (typeof count === "string" || count <= 0)
    throw refused(`invalid ${name} ${quote(text)}: must be a positive integer`);
  return count;
}
