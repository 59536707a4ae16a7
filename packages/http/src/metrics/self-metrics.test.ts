import { expect, test } from "vitest";
import { problemFields, failedFileReloads } from "../web-config/watched-file.ts";
import { SelfMetrics } from "./self-metrics.ts";

const valuesOf = async (metrics: SelfMetrics, name: string): Promise<readonly number[]> =>
  (await metrics.families()).find((family) => family.name === name)?.samples.map(({ value }) => value) ?? [];

test("families() shows the values that a source sets in the same reading", async () => {
  const metrics = new SelfMetrics();
  const gauge = metrics.gauge("ready", "Ready.");
  let value = 1;
  metrics.addSource(() => {
    gauge.set(value++);
    return [];
  });
  expect(await valuesOf(metrics, "ready")).toEqual([1]);
  expect(await valuesOf(metrics, "ready")).toEqual([2]);
});

test("a summary without observations shows NaN quantiles, and a labelled metric that was never used shows nothing", async () => {
  const metrics = new SelfMetrics();
  metrics.summary("wait_seconds", "Waiting.", [0.5, 0.9]);
  metrics.counter("requests_total", "Requests.", ["code"]);
  expect(await valuesOf(metrics, "wait_seconds")).toEqual([NaN, NaN, 0, 0]);
  expect(await valuesOf(metrics, "requests_total")).toEqual([]);
});

test("families() shows metrics of failures, although the original has no such series", async () => {
  const metrics = new SelfMetrics();
  const file = { path: "web.yml", refusals: 0, problem: (): string | undefined => "broken" };
  metrics.addAlwaysShown(() => failedFileReloads([file, undefined]));
  expect(await metrics.families()).toEqual([]);
  file.refusals = 2;
  expect(await valuesOf(metrics, "narthex_refused_file_changes_total")).toEqual([2]);
  expect(await valuesOf(metrics, "narthex_file_change_refused")).toEqual([1]);
  expect(problemFields({ webConfigProblem: file })).toEqual({ webConfigProblem: "broken" });
  file.problem = () => undefined;
  expect(await valuesOf(metrics, "narthex_file_change_refused")).toEqual([0]);
  expect(problemFields({ webConfigProblem: file, other: undefined })).toEqual({});
});

test("families() shows internal errors by component as soon as one occurs", async () => {
  const metrics = new SelfMetrics();
  metrics.internalErrors.add("rule_group", 0);
  expect(await metrics.families()).toEqual([]);
  metrics.internalErrors.add("rule_group", 2);
  expect(await valuesOf(metrics, "narthex_internal_errors_total")).toEqual([2]);
});

test("families() shows series that only Narthex has only if asked to", async () => {
  for (const showOurs of [false, true]) {
    const metrics = new SelfMetrics({ showOurs });
    metrics.gauge("narthex_extra", "Extra.").set(1);
    expect(await valuesOf(metrics, "narthex_extra")).toEqual(showOurs ? [1] : []);
  }
});
