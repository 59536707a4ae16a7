import { ByteWriter } from "@narthex/bytes";
import { parseRemoteWrite } from "@narthex/config";
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, Labels, wordsOf } from "@narthex/model";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { histogramOf, MemoryStorage } from "@narthex/storage/testing";
import { openSqlite } from "@narthex/store";
import {
  histogramRecordType,
  WalWriter,
  writeExemplars,
  writeHistograms,
  writeMetadata,
  writeSamples,
  writeSeries,
} from "@narthex/tsdb/testing";
import { expect, test } from "vitest";
import { WriteReceiver } from "../../receiver/write-receiver.ts";
import type { SendOutcome } from "../client/write-client.ts";
import { KeptPositions } from "../position/kept-positions.ts";
import { encodeMetadata } from "../thread/encode-metadata.ts";
import { AppendedStats, type QueueNumber, QueueStats } from "./queue-stats.ts";
import { RemoteQueue, type RemoteQueueSettings } from "./remote-queue.ts";

const START = Date.UTC(2026, 0, 1);
const MESSAGES = { 1: "prometheus.WriteRequest", 2: "io.prometheus.write.v2.Request" } as const;

const integer = histogramOf(3);
const float: FloatHistogram = { ...histogramOf(5), integer: false };
const custom: FloatHistogram = {
  ...histogramOf(0),
  schema: CUSTOM_BUCKETS_SCHEMA,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 3,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveBuckets: Float64Array.of(1, 2),
  negativeSpans: [],
  negativeBuckets: new Float64Array(),
  customBounds: Float64Array.of(5),
};

type Outcome = "busy" | "refused" | "silent";

/** Time of the histograms and exemplars, which is after the floats. */
const LATER = 300_000;

function logEntries(wal: WalWriter): void {
  const log = (write: (record: ByteWriter) => void): void => {
    const record = new ByteWriter();
    write(record);
    wal.log(record.written);
    wal.flush();
  };
  for (const [i, name] of ["float", "integer", "custom", "dropped", "histogram"].entries())
    log((record) => writeSeries(record, i + 1, Labels.of({ __name__: name })));
  log((record) => writeMetadata(record, 1, { type: "counter", help: "h", unit: "u" }));
  const refs = Float64Array.of(1, 4, 9);
  const times = Float64Array.of(START, START, START);
  log((record) => writeSamples(record, refs, times, wordsOf(Float64Array.of(1.5, 2.5, 3.5)), 0, 3));
  for (const [histogram, of] of [
    [integer, [2, 4, 9]],
    [float, [5]],
    [custom, [3]],
  ] as const) {
    const samples = of.map((ref) => ({ ref, timestamp: START + LATER, histogram }));
    log((record) => writeHistograms(record, histogramRecordType(samples[0]!), samples));
  }
  const exemplar = { labels: Labels.of({ trace: "1" }), value: 7, timestamp: START + LATER + 1000 };
  const exemplars = [1, 2, 4, 9].map((ref) => ({ ref, exemplar }));
  log((record) => writeExemplars(record, exemplars));
  log((record) => record.u8(77));
}

const storedIn = (storage: MemoryStorage): unknown[][] =>
  [...storage.series.values()].map(({ labels, samples, exemplars }) => [
    labels.get("__name__"),
    Array.from({ length: samples.count }, (_, i) => samples.histograms?.[i]?.count ?? samples.values[i]),
    exemplars.map(({ labels: own, value, timestamp }) => [own.toString(), value, timestamp - START - LATER]),
  ]);

function settingsOf(settings: Partial<RemoteQueueSettings>, queue: string): RemoteQueueSettings {
  const entry = parseRemoteWrite(
    `{url: "http://a", write_relabel_configs: [{source_labels: [__name__], regex: dropped, action: drop}], queue_config: {max_shards: 1, max_samples_per_send: 20, capacity: 40, batch_send_deadline: 1s, ${queue}}}`,
    "utf8",
  );
  return {
    key: "a",
    version: 1,
    externalLabels: Labels.of({ cluster: "c" }),
    rules: entry.writeRelabelConfigs,
    scheme: "utf8",
    queue: entry.queue,
    sendExemplars: true,
    sendNativeHistograms: true,
    ...settings,
  };
}

/** Sends a write-ahead log with entries of all kinds. Returns the entries that the receiver got. */
async function sendAll(
  settings: Partial<RemoteQueueSettings>,
  { outcomes = [], queue = "" }: { outcomes?: Outcome[]; queue?: string } = {},
) {
  const dir = temporaryFolder();
  const clock = new ManualClock(START);
  const logger = memoryLogger();
  const stats = new QueueStats();
  const wal = new WalWriter(dir, { segmentBytes: 4 * 32 * 1024 });
  const now = wal.end;
  logEntries(wal);
  const storage = new MemoryStorage();
  const receiver = new WriteReceiver({
    appendable: storage,
    clock,
    outOfOrderWindowMs: () => 0,
    withMetadata: true,
    typeAndUnitLabels: false,
  });
  const { version = 1 } = settings;
  const answers: string[] = [];
  const state = { isAsked: false, isOver: false };
  const send = async (body: Uint8Array): Promise<SendOutcome> => {
    state.isAsked = true;
    const outcome = outcomes.shift();
    if (outcome === "busy") return { kind: "again", problem: "busy", retryAfterMs: 0 };
    if (outcome === "refused") return { kind: "refused", problem: "no", written: undefined };
    const { status, problem, counts } = await receiver.receive(MESSAGES[version], body);
    answers.push(`${status} ${problem}`);
    return { kind: "sent", written: outcome === "silent" ? undefined : counts };
  };
  const store = openSqlite(":memory:");
  const remote = new RemoteQueue(settingsOf(settings, queue), {
    dir,
    now,
    logEnd: wal.sharedEnd,
    positions: new KeptPositions(store.collection("positions", "process"), logger),
    client: { send },
    stats,
    appended: new AppendedStats(),
    clock,
    logger,
  });
  remote.start();
  const stopped = remote.stop(true, 24 * 3_600_000).finally(() => (state.isOver = true));
  for (let turn = 0; !state.isOver && turn < 100_000; turn++) await clock.advance(state.isAsked ? 10_000 : 0);
  await stopped;
  const row = { metric: "m", type: "counter", help: "h", unit: "u" };
  if (version === 1) await remote.sendMetadata(encodeMetadata([row]), 1);
  await store.close();
  await wal.close();
  expect(answers.filter((answer) => answer !== "204 ")).toEqual([]);
  const stored = storedIn(storage);
  const counted = (...names: readonly QueueNumber[]): unknown => names.map((name) => stats.get(name));
  return { stored, storage, counted, logger };
}

const EXEMPLARS = [['{trace="1"}', 7, 1000]];
const FLOAT = ["float", [1.5], EXEMPLARS];
const HISTOGRAMS = [
  ["integer", [integer.count], EXEMPLARS],
  ["histogram", [float.count], []],
];
const CUSTOM = ["custom", [custom.count], []];

const byName = (rows: readonly (readonly unknown[])[]): unknown =>
  rows.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));

test.each<[Partial<RemoteQueueSettings>, readonly unknown[][]]>([
  [{ version: 1 }, [FLOAT, ...HISTOGRAMS]],
  // Expects only the float. If histograms are not sent, the receiver does not know their series, so it also drops the
  // exemplars of these series.
  [{ version: 1, sendNativeHistograms: false }, [FLOAT]],
  [{ version: 1, sendExemplars: false }, [FLOAT, ...HISTOGRAMS].map(([name, values]) => [name, values, []])],
  [{ version: 2, sendNativeHistograms: false }, [FLOAT, ...HISTOGRAMS, CUSTOM]],
])("with %o floats, histograms and exemplars of the log arrive", async (settings, expected) => {
  const { stored } = await sendAll(settings);
  expect(byName(stored as never)).toEqual(byName(expected));
});

const SENT = ["samplesSent", "histogramsSent", "exemplarsSent", "metadataSent"] as const;
const FAILED = ["samplesFailed", "histogramsFailed", "exemplarsFailed", "metadataFailed"] as const;
const RETRIED = ["samplesRetried", "histogramsRetried", "exemplarsRetried", "metadataRetried"] as const;

test("entries are counted by kind: sent, dropped and read", async () => {
  const { counted, storage } = await sendAll({ version: 1 });
  expect(counted(...SENT, ...FAILED, ...RETRIED)).toEqual([1, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  for (const kind of ["samples", "histograms", "exemplars"] as const) {
    expect(counted(`${kind}OfDroppedSeries`, `${kind}OfUnknownSeries`, `${kind}Pending`, `${kind}TooOld`)).toEqual([
      1, 1, 0, 0,
    ]);
  }
  expect(counted("histogramsOfCustomBuckets", "decodeFailures", "enqueueRetries")).toEqual([1, 0, 0]);
  expect(
    counted(
      "seriesRecords",
      "sampleRecords",
      "exemplarRecords",
      "metadataRecords",
      "histogramRecords",
      "floatHistogramRecords",
      "customFloatHistogramRecords",
      "customHistogramRecords",
      "unknownRecords",
    ),
  ).toEqual([5, 1, 1, 1, 1, 1, 0, 1, 1]);
  expect(counted("highestQueuedSeconds", "highestSentSeconds")).toEqual([
    (START + LATER) / 1000,
    (START + LATER) / 1000 + 1,
  ]);
  const [sentBytes, metadataBytes] = counted("bytesSent", "metadataBytesSent") as [number, number];
  expect([sentBytes > 100, metadataBytes > 0, metadataBytes < 30]).toEqual([true, true, true]);
  expect(storage.metadata).toEqual([]);
});

test("with 2.0 metadata is sent with the series, and entries that the receiver does not report as written have failed", async () => {
  const taken = await sendAll({ version: 2 });
  expect(taken.counted(...SENT, ...FAILED)).toEqual([1, 3, 2, 1, 0, 0, 0, 0]);
  expect(taken.storage.metadata.map(({ metadata }) => metadata)).toEqual([{ type: "counter", help: "h", unit: "u" }]);
  const silent = await sendAll({ version: 2 }, { outcomes: ["silent"] });
  expect(silent.counted(...SENT, ...FAILED)).toEqual([1, 3, 2, 1, 1, 3, 2, 0]);
  expect(silent.logger.lines.find(({ level }) => level === "error")?.fields).toEqual({
    failedSampleCount: 1,
    failedHistogramCount: 3,
    failedExemplarCount: 2,
    err: expect.stringContaining("got 2xx"),
  });
});

test("entries of a refused request count as failed, and entries of a request that is sent again count each time", async () => {
  const refused = await sendAll({ version: 2 }, { outcomes: ["busy", "busy", "refused"] });
  expect(refused.counted(...SENT, ...FAILED, ...RETRIED)).toEqual([3, 9, 6, 3, 1, 3, 2, 1, 2, 6, 4, 2]);
  expect(refused.counted("samplesPending", "histogramsPending", "exemplarsPending")).toEqual([0, 0, 0]);
  const v1 = await sendAll({ version: 1 }, { outcomes: ["refused", "refused"] });
  expect(v1.counted(...SENT, ...FAILED)).toEqual([1, 2, 2, 1, 1, 2, 2, 1]);
});

test("entries that have become too old are left out of a request, and counted by kind", async () => {
  const { stored, counted } = await sendAll(
    { version: 1 },
    { outcomes: ["busy"], queue: "sample_age_limit: 1m, min_backoff: 2m, max_backoff: 2m" },
  );
  // Makes the receiver refuse the first attempt as busy. When the request is sent again two minutes later, only the
  // float is older than the limit.
  expect(stored.map(([name]) => name).toSorted()).toEqual(["histogram", "integer"]);
  expect(counted("samplesTooOld", "histogramsTooOld", "exemplarsTooOld")).toEqual([1, 0, 0]);
  expect(counted(...SENT)).toEqual([1, 4, 4, 1]);
});
