import { afterAll, beforeAll, expect, test } from "vitest";
import { countingTarget } from "../../support/counting-target.ts";
import { untilQuery } from "../../support/query.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

/**
 * Tests of the search API. The expected texts are responses of a later version of Prometheus, because the compared
 * version has no search API.
 */

const cleanups: (() => PromiseLike<unknown> | void)[] = [];
let base: string;
let unsearched: string;

beforeAll(async () => {
  const workplace = new Workplace();
  const target = await countingTarget("http_requests_total", 120);
  const config = `global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: t\n  static_configs: [{targets: ['127.0.0.1:${target.port}']}]\n`;
  const flags = ["--enable-feature=search-api", "--web.search.max-limit=110"];
  const server = await serve("narthex", workplace, "on", { config, flags });
  const other = await serve("narthex", workplace, "off", { config: "", flags: [] });
  cleanups.push(
    () => server[Symbol.asyncDispose](),
    () => other[Symbol.asyncDispose](),
    () => target[Symbol.asyncDispose](),
    () => workplace[Symbol.dispose](),
  );
  [base, unsearched] = [server.base, other.base];
  await untilQuery(base, "count(wide_metric)", (result) => result[0]?.value[1] === "120");
});

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

async function search(path: string, init?: RequestInit): Promise<{ status: number; type: string; lines: unknown[] }> {
  const response = await fetch(`${base}/api/v1/search/${path}`, init);
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get("content-type") ?? "",
    lines: text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as unknown),
  };
}

const END = { status: "success", has_more: false };

test("metric names are found by their letters, with scores and the targets' metadata", async () => {
  const query = new URLSearchParams({
    "search[]": "hrt",
    sort_by: "score",
    include_score: "true",
    include_metadata: "1",
  });
  const { status, type, lines } = await search(`metric_names?${query.toString()}`);
  expect([status, type]).toEqual([200, "application/x-ndjson; charset=utf-8"]);
  expect(lines).toEqual([
    { results: [{ name: "http_requests_total", score: expect.any(Number) as unknown, type: "counter" }] },
    END,
  ]);
});

test("a search can be a form, and the answer says if there are more results", async () => {
  const body = new URLSearchParams({
    "match[]": "wide_metric",
    label: "i",
    "search[]": "9",
    batch_size: "2",
    limit: "3",
  });
  const { lines } = await search("label_values", { method: "POST", body });
  expect(lines).toEqual([
    { results: [{ value: "109" }, { value: "119" }] },
    { results: [{ value: "19" }] },
    { status: "success", has_more: true },
  ]);
});

test("label names can be sorted in both directions", async () => {
  expect((await search("label_names?sort_by=alpha&sort_dir=dsc")).lines).toEqual([
    { results: ["job", "instance", "i", "__name__"].map((name) => ({ name })) },
    END,
  ]);
});

test("a client that accepts gzip gets it", async () => {
  const { lines } = await search("label_values?label=i&limit=110", { headers: { "accept-encoding": "gzip" } });
  expect(lines.flatMap((line) => (line as { results?: unknown[] }).results ?? [])).toHaveLength(110);
});

test.each([
  ["label_values", 'missing required parameter "label"'],
  ["label_names?limit=0", 'invalid limit "0": must be a positive integer'],
  ["label_names?limit=111", "limit 111 exceeds the configured maximum (110, see --web.search.max-limit)"],
  ["label_names?batch_size=x", 'invalid batch_size "x": must be a positive integer'],
  ["label_names?fuzz_threshold=101", 'invalid fuzz_threshold "101": must be 0-100'],
  ["label_names?fuzz_alg=x", 'unsupported fuzz_alg "x": must be one of [subsequence jarowinkler]'],
  ["label_names?case_sensitive=x", 'invalid case_sensitive "x": must be boolean'],
  ["label_names?sort_dir=asc", "sort_dir is only valid when sort_by is set"],
  ["label_names?sort_by=score&sort_dir=asc", "sort_dir is not supported for sort_by=score"],
  ["label_names?sort_by=score", "sort_by=score requires search[] to be set"],
  ["label_names?sort_by=alpha&sort_dir=up", 'invalid sort_dir "up": must be "asc" or "dsc"'],
  ["label_names?sort_by=x", 'invalid sort_by "x" for label_names: must be "alpha" or "score"'],
  ["label_names?start=5&end=1", "end timestamp must not be before start timestamp"],
  ["label_names?match[]={}", "match[] must contain at least one non-empty matcher"],
  ["metric_names?include_metadata=x", 'invalid include_metadata "x": must be boolean'],
  [`label_names?${"search[]=a&".repeat(33)}`, "too many search[] terms: got 33, maximum is 32"],
])("%s is refused", async (path, error) => {
  expect(await search(path)).toMatchObject({ status: 400, lines: [{ status: "error", errorType: "bad_data", error }] });
});

test("without the feature there is no search", async () => {
  const response = await fetch(`${unsearched}/api/v1/search/label_names`);
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ status: "error", errorType: "unavailable", error: "search API disabled" });
});
