import { memoryLogger, ManualClock } from "@narthex/runtime/testing";
import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { defineCollector } from "../collector.ts";
import { gauge } from "../metric.ts";
import { Settings } from "../settings.ts";
import { hostTree, pageOf } from "../testing/host-tree.ts";
import { openCollection } from "./collection.ts";
import { CollectorRunner } from "./collector-runner.ts";
import { MetricBuffer, SeriesTable } from "./metric-buffer.ts";
import { Pages } from "./pages.ts";

const VALUE = gauge("node_value", "A value.", ["name"]);

/** A collector that counts its runs, with the options to run it. */
function counted() {
  let runs = 0;
  const collector = defineCollector({
    name: "counted",
    enabled: true,
    metrics: { value: VALUE },
    collect: (_files, emit) => emit.value(++runs, "x"),
  });
  using files = hostTree();
  const options = {
    files,
    settings: Settings.of({}),
    clock: new ManualClock(),
    logger: memoryLogger(),
    timeLimitMs: 1000,
  };
  return { collector, options, runs: () => runs };
}

test("the same collectors in another order share a page", () => {
  const pages = new Pages();
  const page = pages.of(new Set(["b", "a"]), "allow-utf-8");
  expect(pages.of(new Set(["a", "b"]), "allow-utf-8")).toBe(page);
  expect(pages.of(new Set(["a"]), "allow-utf-8")).not.toBe(page);
});

test("large pages are evicted, except the last one", () => {
  const pages = new Pages();
  const buffer = new MetricBuffer(new SeriesTable());
  buffer.addOne(VALUE, 1, "x".repeat(10 * 1024 * 1024));
  const all = ["a", "b"].map((name) => {
    const page = pages.of(new Set([name]), "allow-utf-8");
    runToEnd(page.writing([buffer], new MetricBuffer(new SeriesTable())));
    pages.limit();
    return page;
  });
  expect(pages.of(new Set(["b"]), "allow-utf-8")).toBe(all[1]);
  expect(pages.of(new Set(["a"]), "allow-utf-8")).not.toBe(all[0]);
});

test("a collector keeps two buffers after many scrapes at the same time", async () => {
  const { collector, options } = counted();
  const runner = new CollectorRunner(collector, options);
  const runs = async () => [
    (await runner.run(1000)).buffer!,
    (await runner.run(1000)).buffer!,
    (await runner.run(1000)).buffer!,
  ];
  const first = await runs();
  for (const buffer of first) buffer.users--;
  expect((await runs()).filter((buffer) => first.includes(buffer))).toHaveLength(2);
});

test("scrapes of the same collectors that wait to be printed share their samples", async () => {
  const { collector, options, runs } = counted();
  const collection = openCollection([collector], options);
  const printed = Promise.withResolvers<void>();
  const request = { escaping: "allow-utf-8", added: () => [] } as const;
  const first = collection.print(request, async () => printed.promise);
  const others: Promise<string>[] = [];
  for (let i = 0; i < 3; i++) {
    await options.clock.advance(1);
    others.push(collection.print(request, (text) => Buffer.from(text).toString()));
  }
  await options.clock.advance(1);
  printed.resolve();
  await first;
  for (const text of await Promise.all(others)) expect(text).toContain('node_value{name="x"} 2\n');
  expect(runs()).toBe(2);
  expect(await pageOf(collection)).toContain('node_value{name="x"} 3\n');
});
