import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { writeText } from "@narthex/exposition";
import { expect, test } from "vitest";
import { defineCollector, NoData } from "./collector.ts";
import { gauge } from "./metric.ts";
import { openCollection } from "./run.ts";
import { Settings } from "./settings.ts";
import { hostTree } from "./testing/host-tree.ts";

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

test("gather() sorts labels and series, and adds duration and success", async () => {
  const { collection } = open([good]);
  expect(writeText(await collection.gather())).toBe(
    "# HELP node_scrape_collector_duration_seconds node_exporter: Duration of a collector scrape.\n" +
      "# TYPE node_scrape_collector_duration_seconds gauge\n" +
      'node_scrape_collector_duration_seconds{collector="good"} 0\n' +
      "# HELP node_scrape_collector_success node_exporter: Whether a collector succeeded.\n" +
      "# TYPE node_scrape_collector_success gauge\n" +
      'node_scrape_collector_success{collector="good"} 1\n' +
      '# HELP node_value A value.\n# TYPE node_value gauge\nnode_value{a="1",b="x"} 1\nnode_value{a="2",b="y"} 2\n',
  );
});

test("gather() shows a failing collector beside the others, and logs it once while it lasts", async () => {
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
      throw new NoData("no such hardware");
    },
  });
  const { collection, logger } = open([flaky, good, absent]);
  await collection.gather();
  const text = writeText(await collection.gather());
  expect(text).toContain('success{collector="flaky"} 0');
  expect(text).toContain('success{collector="absent"} 0');
  expect(text).toContain('node_value{a="1",b="x"} 1');
  isBroken = false;
  await collection.gather();
  expect(logger.lines.map(({ message, fields }) => [message, fields["collector"], fields["err"]])).toEqual([
    ["Collector failed", "flaky", "disk on fire"],
    ["Collector works again", "flaky", undefined],
  ]);
});

test("gather() goes out without a collector that takes too long, and leaves it alone until it is back", async () => {
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
  const first = collection.gather();
  await clock.advance(1000);
  const text = writeText(await first);
  expect(text).toContain('success{collector="slow"} 0');
  expect(text).toContain('node_value{a="1",b="x"} 1');
  await collection.gather();
  expect(runs).toBe(1);
  resolve();
  await clock.advance(1);
  expect(writeText(await collection.gather())).toContain('success{collector="slow"} 1');
  expect(runs).toBe(2);
});

test("gather() runs only the collectors that are named", async () => {
  const { collection } = open([good]);
  expect(await collection.gather(new Set(["other"]))).toEqual([]);
});
