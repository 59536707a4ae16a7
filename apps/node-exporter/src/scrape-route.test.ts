import { gunzipSync } from "node:zlib";
import type { Collection } from "@narthex/collectors";
import { expect, test } from "vitest";
import { OwnMetrics } from "./own-metrics.ts";
import { scrapeLimitMs, scrapeRoute } from "./scrape-route.ts";
import { selectCollectors } from "./selection.ts";

test("a large answer is compressed after the collection is free for other scrapes", async () => {
  const text = Buffer.from("node_load1 1\n".repeat(200_000));
  const held: unknown[] = [];
  const collection: Collection = {
    names: [],
    print: async (_request, use) => {
      const result = await use(text);
      held.push(result);
      return result;
    },
  };
  const options = { collection, known: new Set<string>(), always: () => [], self: undefined, maxRequests: 0 };
  const { body } = await scrapeRoute(options)({
    method: "GET",
    url: "/metrics",
    headers: { "accept-encoding": "gzip" },
  });
  expect(gunzipSync(body).equals(text)).toBe(true);
  expect(held).toEqual([expect.objectContaining({ body: text })]);
});

test("a scrape that leaves out contradictory metrics counts as an error of gathering", async () => {
  const collection: Collection = {
    names: [],
    print: async (request, use) => {
      request.onConflict?.();
      return use(Buffer.from("text"));
    },
  };
  const self = new OwnMetrics(0, false);
  const options = { collection, known: new Set<string>(), always: () => [], self, maxRequests: 0 };
  await scrapeRoute(options)({ method: "GET", url: "/metrics", headers: {} });
  const errors = self.families().find(({ name }) => name === "promhttp_metric_handler_errors_total");
  expect(errors?.samples.map(({ labels, value }) => [...labels, value])).toEqual([
    ["cause", "encoding", 0],
    ["cause", "gathering", 1],
  ]);
});

test("a scrape that excludes all collectors gets all of them", () => {
  const running = { enabled: ["a", "b"], known: new Set(["a", "b"]) };
  const names = (query: string) => selectCollectors(new URLSearchParams(query), running);
  expect(names("exclude[]=a")).toEqual({ names: new Set(["b"]) });
  expect(names("exclude[]=a&exclude[]=b")).toEqual({ names: undefined });
});

test("collectors get the scraper's timeout, less time for the answer", () => {
  expect(scrapeLimitMs("10")).toBe(9500);
  expect(scrapeLimitMs("2.5")).toBe(2250);
  expect(scrapeLimitMs("0.1")).toBe(450);
});

test("an invalid header sets no limit", () => {
  for (const header of [undefined, "", "0", "-1", "soon", "NaN"]) expect(scrapeLimitMs(header)).toBeUndefined();
});
