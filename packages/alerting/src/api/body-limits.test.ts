import { SelfMetrics } from "@narthex/http";
import { ManualClock } from "@narthex/runtime/testing";
import fastify from "fastify";
import { expect, test } from "vitest";
import { alertingMetrics } from "../dispatch/alerting-metrics.ts";
import type { ApiFeatures } from "./api-context.ts";
import { apiV2 } from "./api.ts";

test("a body is refused if it is too large, or if the memory is in use by others", async () => {
  const context = {
    clock: new ManualClock(1000),
    metrics: alertingMetrics(new SelfMetrics(), []),
    mode: "fallback",
    startedAt: 0,
    versionInfo: {},
    bodyLimits: { maxBytes: 100, maxHeldBytes: 50, freeBytes: 10, tooLarge: "the body is too large" },
  } as const;
  const app = fastify({ exposeHeadRoutes: false });
  // Passes an empty object of features, because the limits refuse all requests of this test before a handler uses a
  // feature.
  await app.register(apiV2(context, {} as ApiFeatures));
  const headers = { "content-type": "application/json" };
  const post = async (payload: string): Promise<unknown> => {
    const { statusCode, body } = await app.inject({ method: "POST", url: "/alerts", payload, headers });
    return [statusCode, JSON.parse(body) as unknown];
  };
  expect(await post(" ".repeat(101))).toEqual([413, { code: 413, message: "the body is too large" }]);
  expect(await post(" ".repeat(80))).toEqual([503, { code: 503, message: expect.stringContaining("again later") }]);
  expect(await post('["é')).toEqual([400, { code: 400, message: expect.stringContaining("parsing alerts body") }]);
});
