import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parsePrometheusConfig } from "@narthex/config";
import { SelfMetrics } from "@narthex/http";
import { LongTermReader } from "@narthex/querying";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import type { Context } from "../context.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import type { StorageFeature } from "../storage/storage.ts";
import { openLongTermStore } from "./long-term-store.ts";

const HINTS = { start: 0, end: 0, step: 0, range: 0, func: "" };

async function setting(status: () => number) {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(status()).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [clock, logger, longTerm] = [new ManualClock(), memoryLogger(), new LongTermReader()];
  const context = { clock, logger, metrics: new SelfMetrics(), userAgent: "test" } as Partial<Context> as Context;
  const feature = openLongTermStore(context, {
    storage: { tsdb: { completeSince: 0 } } as unknown as StorageFeature,
    querying: { longTerm } as unknown as QueryingFeature,
  });
  onTestFinished(async () => {
    longTerm.replace(undefined);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    clock,
    lines: () => logger.lines.map(({ message }) => message),
    async reload(more = "") {
      const yaml = `long_term_store: {kind: victoriametrics, url: "${url}"${more}}`;
      const parsed = parsePrometheusConfig(yaml, "a.yml", {}, () => undefined);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      await (await feature.apply![0]!.prepare(parsed.value)).apply();
    },
    async ask(): Promise<readonly string[]> {
      const read = await longTerm.read({ minTime: 0, maxTime: 1, matchers: [], hints: HINTS }, undefined);
      for (const { body } of read.answers) for await (const _ of body);
      read.close({ problem: undefined, samples: 0 });
      return read.problems;
    },
  };
}

test("after a reload that does not change the store, its failure is still known", async () => {
  let status = 500;
  const store = await setting(() => status);
  await store.reload();
  expect(await store.ask()).toEqual([expect.stringContaining("answered 500")]);
  await store.reload();
  expect(await store.ask()).toEqual([expect.stringContaining("(not asked again for 1s)")]);
  await store.clock.advance(1000);
  status = 200;
  expect(await store.ask()).toEqual([]);
  expect(store.lines()).toEqual(["asking the long-term store failed", "asking the long-term store works again"]);
});

test("a store with a changed configuration is queried immediately, and its failures are logged separately", async () => {
  const store = await setting(() => 500);
  await store.reload();
  await store.ask();
  await store.reload(", timeout: 5s");
  expect(await store.ask()).toEqual([expect.not.stringContaining("not asked again")]);
  expect(store.lines()).toHaveLength(2);
});
