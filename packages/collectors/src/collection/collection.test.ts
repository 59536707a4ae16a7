import { runToEnd } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { defineCollector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { gauge } from "../metric.ts";
import { openCollection } from "./collection.ts";
import { Settings } from "../settings.ts";
import { hostTree, pageOf } from "../testing/host-tree.ts";

const metrics = { value: gauge("node_value", "A value.", ["b", "a"]) };

const good = defineCollector({
  name: "good",
  enabled: true,
  metrics,
  collect: (_files, emit) => {
    emit.value(2, "y", "2");
    emit.value(1, "x", "1");
  },
});

function open(collectors: Parameters<typeof openCollection>[0]) {
  const clock = new ManualClock();
  const logger = memoryLogger();
  const host = hostTree();
  const collection = openCollection(collectors, {
    files: host,
    settings: Settings.of({}),
    clock,
    logger,
    timeLimitMs: 1000,
  });
  host[Symbol.dispose]();
  return { clock, logger, collection };
}

test("a scrape sorts labels and series, and adds duration and success", async () => {
  const { collection } = open([good]);
  expect(await pageOf(collection)).toBe(
    "# HELP node_scrape_collector_duration_seconds node_exporter: Duration of a collector scrape.\n" +
      "# TYPE node_scrape_collector_duration_seconds gauge\n" +
      'node_scrape_collector_duration_seconds{collector="good"} 0\n' +
      "# HELP node_scrape_collector_success node_exporter: Whether a collector succeeded.\n" +
      "# TYPE node_scrape_collector_success gauge\n" +
      'node_scrape_collector_success{collector="good"} 1\n' +
      '# HELP node_value A value.\n# TYPE node_value gauge\nnode_value{a="1",b="x"} 1\nnode_value{a="2",b="y"} 2\n',
  );
});

test("if a collector fails, a scrape shows the others and logs the failure once while it lasts", async () => {
  let isBroken = true;
  const flaky = defineCollector({
    name: "flaky",
    enabled: true,
    metrics: {},
    collect: () => {
      if (isBroken) throw new Error("disk on fire");
    },
  });
  const absent = defineCollector({
    name: "absent",
    enabled: true,
    metrics: {},
    collect: () => {
      throw new NoDataError("no such hardware");
    },
  });
  const { collection, logger } = open([flaky, good, absent]);
  await pageOf(collection);
  const text = await pageOf(collection);
  expect(text).toContain('success{collector="flaky"} 0');
  expect(text).toContain('success{collector="absent"} 0');
  expect(text).toContain('node_value{a="1",b="x"} 1');
  isBroken = false;
  await pageOf(collection);
  expect(logger.lines.map(({ message, fields }) => [message, fields["collector"], fields["err"]])).toEqual([
    ["Collector failed", "flaky", "disk on fire"],
    ["Collector works again", "flaky", undefined],
  ]);
});

test("a scrape omits a collector that takes too long, and does not run it again until it returns", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let runs = 0;
  const slow = defineCollector({
    name: "slow",
    enabled: true,
    metrics,
    collect: (_files, emit) => {
      runs++;
      return promise.then(() => emit.value(9, "late", "late"));
    },
  });
  const { collection, clock } = open([slow, good]);
  const first = pageOf(collection);
  await clock.advance(1000);
  const text = await first;
  expect(text).toContain('success{collector="slow"} 0');
  expect(text).toContain('node_value{a="1",b="x"} 1');
  await pageOf(collection);
  expect(runs).toBe(1);
  resolve();
  await clock.advance(1);
  expect(await pageOf(collection)).toContain('success{collector="slow"} 1');
  expect(runs).toBe(2);
});

test("a scrape runs only the collectors that are named", async () => {
  const { collection } = open([good]);
  expect(await pageOf(collection, new Set(["other"]))).toBe("");
});

test("concurrent scrapes share one run of a slow collector, and a scraper's own limit is not logged", async () => {
  let { promise, resolve } = Promise.withResolvers<void>();
  let runs = 0;
  const slow = defineCollector({
    name: "slow",
    enabled: true,
    metrics,
    collect: async (_files, emit) => {
      runs++;
      const run = runs;
      emit.value(run, "before", "x");
      await promise;
      emit.value(run, "after", "x");
    },
  });
  const { collection, clock, logger } = open([slow, good]);
  const both = [pageOf(collection), pageOf(collection)];
  // Scrapes with a time limit that is shorter than the collection's limit.
  const hasty = pageOf(collection, undefined, 100);
  await clock.advance(100);
  expect(await hasty).toContain('success{collector="slow"} 0');
  expect(logger.lines).toEqual([]);
  resolve();
  const texts = await Promise.all(both);
  expect(runs).toBe(1);
  for (const text of texts) {
    expect(text).toContain('success{collector="slow"} 1');
    expect(text).toContain('node_value{a="x",b="after"} 1\nnode_value{a="x",b="before"} 1\n');
  }
  ({ promise, resolve } = Promise.withResolvers<void>());
  resolve();
  expect(await pageOf(collection)).toContain('node_value{a="x",b="before"} 2');
});

test("the result of a scrape does not change while a collector reads for the next scrape", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let reading = 0;
  const quick = defineCollector({
    name: "quick",
    enabled: true,
    metrics,
    collect: async (_files, emit) => {
      const mine = ++reading;
      emit.value(mine, "a", "a");
      await Promise.resolve();
      if (mine > 1) await promise;
      emit.value(mine, "b", "b");
    },
  });
  const hung = defineCollector({ name: "hung", enabled: true, metrics, collect: () => promise });
  const { collection, clock } = open([quick, hung]);
  const first = pageOf(collection);
  await clock.advance(1);
  const second = pageOf(collection, new Set(["quick"]));
  await clock.advance(999);
  expect(await first).toContain('node_value{a="a",b="a"} 1\nnode_value{a="b",b="b"} 1\n');
  resolve();
  expect(await second).toContain('node_value{a="a",b="a"} 2\nnode_value{a="b",b="b"} 2\n');
});

test("slow collectors yield to the event loop between each other", async () => {
  let now = 0;
  let turns = 0;
  const busy = (name: string) => defineCollector({ name, enabled: true, metrics: {}, collect: () => void (now += 4) });
  const host = hostTree();
  const collection = openCollection(["a", "b", "c", "d"].map(busy), {
    files: host,
    settings: Settings.of({}),
    clock: {
      now: () => now,
      sleep: async () => void turns++,
      monotonic: () => now,
      after: () => () => undefined,
    },
    logger: memoryLogger(),
    timeLimitMs: 1000,
  });
  host[Symbol.dispose]();
  await pageOf(collection);
  expect(turns).toBe(2);
});

test("a whole family from a collector adds only series that the collectors' own families lack, and never changes their type or help", async () => {
  const family = (help: string, samples: readonly (readonly string[])[]) =>
    ({
      name: "node_value",
      type: "gauge",
      help,
      samples: samples.map((labels) => ({ suffix: "", labels, value: 9 })),
    }) as const;
  const foreign = defineCollector({
    name: "foreign",
    enabled: true,
    metrics: {},
    collect: (_files, emit) => {
      const first = family("A value.", [
        ["b", "x", "a", "1"],
        ["a", "3"],
      ]);
      for (const one of [first, family("Another value.", [["a", "4"]])]) runToEnd(emit.family(one));
    },
  });
  const { collection, logger } = open([good, foreign]);
  let conflicts = 0;
  const request = { escaping: "allow-utf-8", added: () => [], onConflict: () => void conflicts++ } as const;
  for (let i = 0; i < 2; i++) await collection.print(request, () => {});
  expect(conflicts).toBe(2);
  expect(logger.lines.map(({ message, fields }) => [message, fields["err"]])).toEqual([
    [
      "Gathering failed",
      "the metric node_value from a file has a series of a collector; " +
        "the metric node_value from a file has another help text than a collector's",
    ],
  ]);
  const lines = (await pageOf(collection)).split("\n");
  expect(lines.filter((line) => line.startsWith("node_value"))).toEqual([
    'node_value{a="3"} 9',
    'node_value{a="1",b="x"} 1',
    'node_value{a="2",b="y"} 2',
  ]);
});

test("print() omits a whole family if an added family has the same name", async () => {
  const whole = (value: number) =>
    ({ name: "build_info", type: "gauge", help: "Build.", samples: [{ suffix: "", labels: [], value }] }) as const;
  const foreign = defineCollector({
    name: "foreign",
    enabled: true,
    metrics: {},
    collect: (_files, emit) => runToEnd(emit.family(whole(3))),
  });
  const { collection } = open([foreign]);
  const text = await collection.print({ escaping: "allow-utf-8", added: () => [whole(1)] }, (bytes) =>
    Buffer.from(bytes).toString(),
  );
  expect(text.match(/^build_info .*/gm)).toEqual(["build_info 1"]);
});
