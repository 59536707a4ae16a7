import { defaultHttpClient, section } from "@narthex/config";
import { createHttpClient, SelfMetrics } from "@narthex/http";
import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { JsonApi } from "./answers/json-api.ts";
import { readPages } from "./answers/pages.ts";
import { DiscoveryClient } from "./discovery-client.ts";
import { discoveryMetrics } from "./metrics.ts";
import { definePolled } from "./polled-discoverer.ts";
import { ReceivedBytes } from "./received-bytes.ts";
import type { TargetGroup } from "./target-group.ts";
import { ServedApi } from "./testing/served-api.ts";

/** Starts a discoverer of a list with this number of pages of 100 bytes. */
async function start(pages: number, limit: number) {
  let last = pages;
  const api = await ServedApi.start(({ query }) => {
    const page = Number(query.get("page"));
    return { body: { items: ["x".repeat(60)], next: page < last ? String(page + 1) : "" } };
  });
  onTestFinished(() => api[Symbol.asyncDispose]());
  const discoverer = definePolled({
    key: "paged_sd_configs",
    name: "paged",
    codec: section("paged.plain", {}),
    intervalMs: () => 1000,
    open: async (_, context) => {
      const client = await DiscoveryClient.open(defaultHttpClient, context);
      const list = new JsonApi({ client, context, base: api.place("").url, timeoutMs: 60_000 });
      return async () => {
        const items = await readPages("1", async (page) => {
          const answer = await list.get("/", { page });
          return { items: answer.texts("items"), next: answer.text("next") || undefined };
        });
        return [{ source: "paged", targets: items.map((name) => Labels.of({ name })), labels: Labels.EMPTY }];
      };
    },
  });
  const stopping = new AbortController();
  const [clock, logger] = [new ManualClock(), memoryLogger()];
  const emitted: (readonly TargetGroup[])[] = [];
  const context = {
    clock,
    logger,
    metrics: discoveryMetrics(new SelfMetrics(), [discoverer]),
    signal: stopping.signal,
    userAgent: "Prometheus/x",
    connect: createHttpClient,
    set: "a",
    received: new ReceivedBytes(limit),
  };
  const running = discoverer.run({}, context, (groups) => emitted.push(groups));
  onTestFinished(async () => {
    stopping.abort(new Error("stopped"));
    await running;
  });
  return { clock, logger, emitted, api, setPages: (count: number) => (last = count) };
}

test("a refresh whose answers are too long fails, and its targets stay", async () => {
  const { clock, logger, emitted, api, setPages } = await start(3, 300);
  while (emitted.length < 2) await clock.advance(1000);
  expect(logger.lines).toEqual([]);
  setPages(1000);
  api.requests.length = 0;
  while (logger.lines.length === 0) await clock.advance(1000);
  expect(logger.lines[0]!.fields["err"]).toBe(
    "the answers of one refresh are longer than 300 bytes: let the section select fewer targets",
  );
  expect(emitted.every(([group]) => group!.targets.length === 3)).toBe(true);
});
