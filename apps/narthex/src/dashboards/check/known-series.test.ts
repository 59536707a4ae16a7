import { parseExpression, type VectorSelector } from "@narthex/promql";
import { expect, test } from "vitest";
import type { ApiClient } from "../../promtool/server-client.ts";
import { KnownSeries, MAX_REQUESTS, selectorsOf } from "./known-series.ts";

function selectorOf(text: string): VectorSelector {
  const parsed = parseExpression(text);
  if (!parsed.ok) throw new Error(text);
  return selectorsOf(parsed.expr)[0]!;
}

test("after the limit of requests, labels and numbers of series are reported as unknown", async () => {
  const paths: string[] = [];
  const answer = (path: string): unknown => {
    if (path.includes("__name__/values")) return ["up"];
    return path.includes("/query?") ? { result: [{ value: [0, "3"] }] } : ["job"];
  };
  const get = (path: string) => {
    paths.push(path);
    return Promise.resolve({ status: 200, body: JSON.stringify({ status: "success", data: answer(path) }) });
  };
  const server: ApiClient = { get, post: get };
  const series = await KnownSeries.of(server, () => undefined);
  const before = paths.length;
  expect([await series.countOf(selectorOf("up")), await series.labelsOf("up")]).toEqual([3, new Set(["job"])]);
  for (let i = 2; i < MAX_REQUESTS; i++) expect(await series.labelsOf(`m${i}`)).toBeDefined();
  expect(series.isExhausted).toBe(false);
  expect([await series.labelsOf("other"), await series.labelsOf("up")]).toEqual([undefined, new Set(["job"])]);
  expect(await series.countOf(selectorOf("other"))).toBeUndefined();
  expect([series.isExhausted, paths.length - before]).toEqual([true, MAX_REQUESTS]);
});
