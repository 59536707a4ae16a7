import { SharedLogEnd } from "@narthex/tsdb";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parsePrometheusConfig, type PrometheusConfig } from "@narthex/config";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, test, vi } from "vitest";
import { KeptPositions, POSITIONS } from "./position/kept-positions.ts";
import { QueueStats } from "./queue/queue-stats.ts";
import type { AppendedTotals } from "./sender-metrics.ts";
import { RemoteWriter } from "./remote-writer.ts";
import type { MetadataRow } from "./thread/sender-messages.ts";

const dir = temporaryFolder();

/** Code of a sending thread for tests. The thread reports its queues and the number of appended entries. */
const PROGRAM = `
import { parentPort, workerData } from "node:worker_threads";
const appended = new Float64Array(workerData.appended);
parentPort.on("message", ({ kind, ...fields }) => {
  if (kind === "stop") parentPort.postMessage({ kind: "stopped" });
  else parentPort.postMessage({ kind: "log", level: "info", message: kind, fields: { ...fields, appended: [...appended] } });
});`;

interface Given {
  readonly key: string;
  readonly name: string;
  readonly now: { readonly segment: number };
  readonly stats: SharedArrayBuffer;
}

function writerWith(
  positionsFile: string,
  appended: Partial<AppendedTotals> = {},
  metadata: () => readonly MetadataRow[] = () => [],
) {
  const clock = new ManualClock();
  const logger = memoryLogger();
  let segment = 0;
  const writer = new RemoteWriter({
    dir,
    positionsFile,
    logEnd: () => ({ segment: ++segment, offset: 0 }),
    sharedLogEnd: () => new SharedLogEnd(),
    appended: () => ({ floats: 0, histograms: 0, exemplars: 0, highestSeconds: 0, ...appended }),
    metadata,
    flushMs: 0,
    userAgent: "",
    env: {},
    clock,
    logger,
    entry: new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`),
  });
  let changes = 0;
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= writer.stop());
  return {
    writer,
    logger,
    stop,
    [Symbol.asyncDispose]: stop,
    clock,
    /** Applies a configuration. Returns the queues that the sending thread receives. */
    given: async (...entries: readonly string[]): Promise<readonly Given[]> => {
      await (await writer.prepare(configOf(...entries))).apply();
      changes++;
      const lines = () => logger.lines.filter(({ message }) => message === "queues");
      await vi.waitUntil(() => lines().length === changes);
      return lines().at(-1)!.fields["queues"] as readonly Given[];
    },
  };
}

function configOf(...entries: readonly string[]): PrometheusConfig {
  const parsed = parsePrometheusConfig(`remote_write: [${entries.join(", ")}]\n`, "f", {}, () => undefined);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return parsed.value;
}

const PLAIN = '{url: "http://a/write"}';
const SMALL = '{url: "http://a/write", queue_config: {capacity: 7}}';
const NAMED = '{url: "http://a/write", name: n}';

test("destinations without names that have the same URL are distinguished by their order, and continue from their positions", async () => {
  await using bench = writerWith(join(dir, "order.db"));
  const { given } = bench;
  const first = await given(PLAIN, NAMED, SMALL);
  expect(first.map(({ key }) => key)).toEqual(["url http://a/write", "name n", "url http://a/write 2"]);
  expect(new Set(first.map(({ name }) => name)).size).toBe(3);
  // Adds a destination, which begins at the current segment of the log. The earlier destinations keep their start
  // positions.
  const more = await given(PLAIN, NAMED, SMALL, '{url: "http://a/write", headers: {x: y}}');
  expect(more.map(({ key, now }) => [key, now.segment])).toEqual([
    ["url http://a/write", 1],
    ["name n", 1],
    ["url http://a/write 2", 1],
    ["url http://a/write 3", 2],
  ]);
});

test("two equal destinations, and two destinations with the same name, are refused", async () => {
  await using bench = writerWith(join(dir, "equal.db"));
  const { writer } = bench;
  await expect(writer.prepare(configOf(PLAIN, SMALL, PLAIN))).rejects.toThrow(
    "duplicate remote write configs are not allowed, found duplicate for URL: http://a/write",
  );
  expect(() => configOf(NAMED, '{url: "http://b", name: n}')).toThrow(/found multiple remote write configs/);
});

test.each([
  ["that is no database", "no database at all, and long enough to be looked at as one ".repeat(100)],
  ["with the head of one", `SQLite format 3\0${"x".repeat(5000)}`],
])("a file of positions %s is left as it is, and what comes is sent all the same", async (_, content) => {
  const file = join(dir, "damaged.db");
  writeFileSync(file, content);
  await using bench = writerWith(file);
  const { given } = bench;
  expect(await given(PLAIN)).toMatchObject([{ key: "url http://a/write", now: { segment: 1 } }]);
});

test("the start position of a destination is stored before the thread has started", async () => {
  const file = join(dir, "beginnings.db");
  await using bench = writerWith(file);
  const { given } = bench;
  await given(PLAIN);
  await given(PLAIN);
  await bench.stop();
  const store = openSqlite(file);
  const positions = new KeptPositions(store.collection(POSITIONS, "process"), memoryLogger());
  expect(await positions.load("url http://a/write")).toEqual([
    { acknowledged: { segment: 1, offset: 0, entry: -1 }, inFlight: undefined },
  ]);
  await store.close();
});

test("the log is kept before there is a configuration, and for a removed queue that is ending", async () => {
  const { writer, given, clock } = writerWith(join(dir, "sent.db"));
  expect(writer.sent()).toEqual({ lowestTime: 0, oldestSegment: 0 });
  const sendsUpTo = ({ stats }: Given, segment: number): void => {
    const numbers = new QueueStats(stats);
    numbers.set("oldestSegment", segment);
    numbers.set("highestSentSeconds", segment);
  };
  const [plain, named] = await given(PLAIN, NAMED);
  sendsUpTo(plain!, 5);
  sendsUpTo(named!, 3);
  expect(writer.sent()).toEqual({ lowestTime: 3000, oldestSegment: 3 });
  await given(PLAIN);
  expect(writer.sent()).toEqual({ lowestTime: 3000, oldestSegment: 3 });
  await given();
  expect(writer.sent()).toEqual({ lowestTime: 3000, oldestSegment: 3 });
  await clock.advance(60_000);
  expect(writer.sent()).toEqual({ lowestTime: 0, oldestSegment: Infinity });
  await writer.stop();
});

test("if only exemplars were appended, the time of the newest sample is unknown", async () => {
  const { writer } = writerWith(join(dir, "exemplars.db"), { exemplars: 1, highestSeconds: -Infinity });
  const highest = writer
    .families()
    .find(({ name }) => name === "prometheus_remote_storage_highest_timestamp_in_seconds");
  expect(highest?.samples.map(({ value }) => value)).toEqual([0]);
  await writer.stop();
});

test("metadata is posted at the interval of each destination that sends it separately, if there is any metadata metadata", async () => {
  const row: MetadataRow = { metric: "m", type: "counter", help: "h", unit: "u" };
  let rows: readonly MetadataRow[] = [];
  await using bench = writerWith(join(dir, "metadata.db"), {}, () => rows);
  const entry = (name: string, more: string): string => `{url: "http://a/write", name: ${name}, ${more}}`;
  await bench.given(
    entry("often", "metadata_config: {send_interval: 1m}"),
    entry("seldom", "metadata_config: {send_interval: 3m}"),
    entry("never", "metadata_config: {send: false, send_interval: 1m}"),
    entry("inside", "protobuf_message: io.prometheus.write.v2.Request, metadata_config: {send_interval: 1m}"),
  );
  await bench.clock.advance(60_000);
  rows = [row];
  for (let minute = 0; minute < 2; minute++) await bench.clock.advance(60_000);
  const posted = () => bench.logger.lines.filter(({ message }) => message === "metadata").map(({ fields }) => fields);
  await vi.waitUntil(() => posted().length >= 3);
  // Waits until the thread reports its queues. The thread posts in order, so all posts of metadata have then arrived.
  await bench.given();
  const keys = posted().map(({ key }) => key);
  expect(keys.toSorted()).toEqual(["name often", "name often", "name seldom"]);
  expect(posted()[0]!["rows"]).toEqual([row]);
});

test("the totals of appended entries have the newest time, or 0 before the first entry", async () => {
  const totals = { floats: 1, histograms: 2, exemplars: 3, highestSeconds: 9 };
  for (const [appended, newest] of [
    [totals, 9],
    [{ highestSeconds: 9 }, 0],
  ] as const) {
    await using bench = writerWith(join(dir, `totals-${newest}.db`), appended);
    const family = bench.writer.families().find(({ name }) => name.endsWith("highest_timestamp_in_seconds"));
    expect(family?.samples.map(({ value }) => value)).toEqual([newest]);
  }
});

test("the thread gets the totals of appended entries every second", async () => {
  await using bench = writerWith(join(dir, "appended.db"), { floats: 7, highestSeconds: 9 });
  await bench.given(PLAIN);
  await bench.clock.advance(1000);
  await bench.given(NAMED);
  const reports = bench.logger.lines.filter(({ message }) => message === "queues");
  expect(reports.map(({ fields }) => fields["appended"])).toEqual([expect.anything(), [7, 9]]);
});
