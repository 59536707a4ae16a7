import { afterEach, expect, test } from "vitest";
import { JsonCursor } from "@narthex/http/answer";
import { openDataSource } from "../registry.ts";
import { environmentAt, FakeServer, never, settingsOf } from "../testing/fake-server.ts";
import { MetricListing } from "./metric-listing.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const series = [
  { __name__: "up", job: "a", instance: "x" },
  { __name__: "up", job: "a", instance: "y" },
  { __name__: "one_bucket", job: "a", le: "+Inf" },
  { __name__: "mixed", job: "a" },
  { __name__: "mixed", job: "a", extra: "1" },
  { job: "nameless" },
];

const metadata = {
  up: [
    { type: "gauge", help: "Up.", unit: "" },
    { type: "counter", help: "Other." },
  ],
  odd: "text",
  bare: [{}],
};

async function metricsOf(answer: unknown, status = 200) {
  const fake = await FakeServer.open(({ path }) =>
    path === "/api/v1/series" ? [200, { status: "success", data: series }] : [status, answer],
  );
  const source = openDataSource(settingsOf("prometheus", fake.url), environmentAt(0));
  opened.push(fake, source);
  return source.metrics!('{job="a"}', { from: 0, to: 1000 }, never());
}

test("metrics() counts series by name, and returns the labels that differ between them and the server's metadata", async () => {
  const found = await metricsOf({ status: "success", data: metadata });
  expect(found.series).toEqual([
    { name: "up", count: 2, labels: ["instance"] },
    { name: "one_bucket", count: 1, labels: ["le"] },
    { name: "mixed", count: 2, labels: ["extra"] },
  ]);
  expect([...found.metadata]).toEqual([
    ["up", { type: "gauge", help: "Up.", unit: "" }],
    ["bare", { type: "unknown", help: "", unit: "" }],
  ]);
});

test.each([
  ["404 page not found", 404],
  ["<html>", 200],
  [{ status: "success", data: [] }, 200],
])("metrics() works without metadata if the server answers %j", async (answer, status) => {
  expect((await metricsOf(answer, status)).metadata.size).toBe(0);
});

test("the time to read a metric is linear in the number of its series, even if all have different labels", () => {
  const listing = new MetricListing();
  // An implementation with quadratic time would take minutes here.
  for (let i = 0; i < 100_000; i++) listing.add(new JsonCursor(Buffer.from(`{"__name__":"up","l${i}":"v"}`)));
  const [up] = listing.list(new Set());
  expect([up!.count, up!.labels.length]).toEqual([100_000, 100_000]);
});
