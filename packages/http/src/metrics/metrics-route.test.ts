import { gunzipSync } from "node:zlib";
import fastify from "fastify";
import { expect, test } from "vitest";
import { metricsRoute } from "./metrics-route.ts";
import { SelfMetrics } from "./self-metrics.ts";

test.each([
  ["short", 10],
  ["long", 2000],
])("a %s page is compressed for scrapers that prefer it, and as it is for others", async (_, series) => {
  const metrics = new SelfMetrics();
  const counter = metrics.counter("jobs_total", "Jobs.", ["name"]);
  for (let i = 0; i < series; i++) counter.inc({ name: `job ${i}` });
  const app = fastify();
  metricsRoute(app, "/metrics", metrics);
  const ask = (encoding: string) => app.inject({ url: "/metrics", headers: { "accept-encoding": encoding } });
  const packed = await ask("gzip");
  expect(packed.headers["content-encoding"]).toBe("gzip");
  const text = gunzipSync(packed.rawPayload).toString();
  expect(text.match(/^jobs_total\{name="job \d+"\} 1$/gm)).toHaveLength(series);
  const plain = await ask("identity");
  expect(plain.headers["content-encoding"]).toBeUndefined();
  expect(plain.body.match(/^jobs_total/gm)).toHaveLength(series);
});
