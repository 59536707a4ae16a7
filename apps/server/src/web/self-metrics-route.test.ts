import { family } from "@narthex/exposition";
import { createHttpServer, SelfMetrics, useEnvelope } from "@narthex/http";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { selfMetricsRoute } from "./self-metrics-route.ts";

async function answers(): Promise<(pattern: string) => Promise<unknown>> {
  const metrics = new SelfMetrics();
  metrics.addSource(() => [family("gauge", "g", "A gauge.", NaN)]);
  metrics.counter("c_total", "A counter.", ["code"]).inc({ code: "<200>" }, 3);
  metrics.histogram("h", "A histogram.", [0.1, 1e6], ["x"]).observe({ x: "y" }, 0.5);
  const summary = metrics.summary("s", "A summary.", [0.5], ["x"]);
  summary.observe({ x: "y" }, 2);
  const server = await createHttpServer({
    listen: [],
    webConfigFile: "",
    clock: new ManualClock(0),
    logger: memoryLogger(),
  });
  const { app } = server;
  onTestFinished(() => server.stop());
  useEnvelope(app);
  selfMetricsRoute(app, metrics);
  return async (pattern) =>
    (await app.inject(`/status/self_metrics?metric_name_pattern=${encodeURIComponent(pattern)}`)).json();
}

test("the server's own metrics are returned in protobuf's JSON form", async () => {
  const get = await answers();
  const of = (name: string, help: string, type: string, metric: unknown) => ({ name, help, type, metric: [metric] });
  expect(await get("")).toEqual({
    status: "success",
    data: [
      of("c_total", "A counter.", "COUNTER", { label: [{ name: "code", value: "<200>" }], counter: { value: 3 } }),
      of("g", "A gauge.", "GAUGE", { gauge: { value: "NaN" } }),
      of("h", "A histogram.", "HISTOGRAM", {
        label: [{ name: "x", value: "y" }],
        histogram: {
          sampleCount: "1",
          sampleSum: 0.5,
          bucket: [
            { cumulativeCount: "0", upperBound: 0.1 },
            { cumulativeCount: "1", upperBound: 1e6 },
          ],
        },
      }),
      of("s", "A summary.", "SUMMARY", {
        label: [{ name: "x", value: "y" }],
        summary: { sampleCount: "1", sampleSum: 2, quantile: [{ quantile: 0.5, value: 2 }] },
      }),
    ],
  });
});

test("a pattern must match the whole name, and an invalid pattern is refused", async () => {
  const get = await answers();
  expect(await get("c")).toEqual({ status: "success", data: [] });
  expect(await get("c.*|g")).toMatchObject({ data: [{ name: "c_total" }, { name: "g" }] });
  expect(await get("(")).toMatchObject({
    status: "error",
    errorType: "bad_data",
    error: expect.stringMatching(/^invalid metric_name_pattern: error parsing regexp: missing closing/) as unknown,
  });
  expect(await get("\\pL{1000}".repeat(500))).toMatchObject({
    errorType: "bad_data",
    error: expect.stringMatching(/^invalid metric_name_pattern: regular expressions with more than 8192/) as unknown,
  });
});
