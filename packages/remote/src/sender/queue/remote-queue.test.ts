import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ByteWriter } from "@narthex/bytes";
import { parseRemoteWrite } from "@narthex/config";
import { Labels, wordsOf } from "@narthex/model";
import { seededRandom } from "@narthex/runtime";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { type Collection, openSqlite } from "@narthex/store";
import { WalWriter, writeSamples, writeSeries } from "@narthex/tsdb/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { StrictReceiver } from "../../testing/strict-receiver.ts";
import { KeptPositions } from "../position/kept-positions.ts";
import { AppendedStats, QueueStats } from "./queue-stats.ts";
import { RemoteQueue } from "./remote-queue.ts";
import type { SendOutcome } from "../client/write-client.ts";

const START = Date.UTC(2026, 0, 1);

/** Runs a queue that sends a write-ahead log to a receiver. The test can kill the queue. */
class Bench implements AsyncDisposable {
  readonly dir = temporaryFolder();
  readonly clock = new ManualClock(START);
  readonly wal = new WalWriter(this.dir, { segmentBytes: 4 * 32 * 1024 });
  readonly receiver = new StrictReceiver();
  readonly log = memoryLogger();
  readonly stats = new QueueStats();
  /** Results of the next requests, in order. The receiver accepts all later requests. */
  readonly outcomes: ("lost" | "answer lost" | "busy" | "refused" | "slow")[] = [];
  /** Functions with which the test ends the slow requests. */
  readonly answers: (() => void)[] = [];
  readonly sizes: number[] = [];
  readonly #store = openSqlite(":memory:");
  readonly #settings: string;
  #queue: RemoteQueue | undefined;
  #series = 0;
  #time = START;

  constructor(settings = "") {
    this.#settings = `{capacity: 20, max_samples_per_send: 5, max_shards: 4, ${settings}}`;
  }

  start(now = this.wal.end): void {
    const entry = parseRemoteWrite(`{url: "http://a", queue_config: ${this.#settings}}`, "utf8");
    const life = { isOver: false };
    this.#queue = new RemoteQueue(
      {
        key: "a",
        version: 1,
        externalLabels: Labels.of({ cluster: "c" }),
        rules: entry.writeRelabelConfigs,
        scheme: "utf8",
        queue: entry.queue,
        sendExemplars: false,
        sendNativeHistograms: false,
      },
      {
        dir: this.dir,
        now,
        logEnd: this.wal.sharedEnd,
        positions: new KeptPositions(this.#collection(life), this.log),
        client: { send: (body, _, signal) => this.#send(body, signal, life) },
        stats: this.stats,
        appended: new AppendedStats(),
        clock: this.clock,
        logger: this.log,
      },
    );
    this.#queue.start();
    this.#life = life;
  }

  #life = { isOver: false };

  /** Simulates the end of the process: no pending work continues, and no position is stored. */
  async kill(): Promise<void> {
    this.#life.isOver = true;
    const stopped = this.#queue?.stop(false, 0);
    await this.clock.advance(0);
    await stopped;
  }

  #collection(life: { readonly isOver: boolean }): Collection {
    const collection = this.#store.collection("positions", "process");
    return { ...collection, put: async (entry) => (life.isOver ? undefined : collection.put(entry)) };
  }

  /** Stops the queue when the requests in progress have ended. */
  stopSoon(): Promise<void> {
    return this.#queue!.stop(false, 60_000);
  }

  async stop(): Promise<void> {
    const stopped = this.#queue!.stop(true, 60_000);
    for (let i = 0; i < 100; i++) await this.clock.advance(500);
    await stopped;
  }

  /** Adds series to the log. Each record of later calls of addSamples() has one sample for each series. */
  addSeries(count: number): void {
    const record = new ByteWriter();
    for (let i = 0; i < count; i++) writeSeries(record, ++this.#series, Labels.of({ __name__: `m${this.#series}` }));
    this.wal.log(record.written);
    this.wal.flush();
  }

  addSamples(records: number): void {
    for (let i = 0; i < records; i++) {
      this.#time += 1000;
      const refs = Float64Array.from({ length: this.#series }, (_, s) => s + 1);
      const values = Float64Array.from(refs, (ref) => ref * 1000 + i);
      const record = new ByteWriter();
      writeSamples(record, refs, new Float64Array(refs.length).fill(this.#time), wordsOf(values), 0, refs.length);
      this.wal.log(record.written);
      this.wal.flush();
    }
  }

  /**
   * Writes a checkpoint with all series, and removes all segments of the log except the current one, even unsent ones.
   */
  async shorten(): Promise<void> {
    const first = this.wal.nextSegment();
    const record = new ByteWriter();
    for (let i = 1; i <= this.#series; i++) writeSeries(record, i, Labels.of({ __name__: `m${i}` }));
    const folder = join(this.dir, `checkpoint.${String(first - 1).padStart(8, "0")}`);
    const checkpoint = new WalWriter(folder, { segmentBytes: 4 * 32 * 1024 });
    checkpoint.log(record.written);
    await checkpoint.close();
    for (const name of readdirSync(this.dir)) if (Number(name) < first) rmSync(join(this.dir, name));
  }

  /** Returns whether the newest sample of all series has arrived. */
  hasArrived(): boolean {
    const newest = this.receiver.samples.filter(({ time }) => time === this.#time);
    return newest.length >= this.#series;
  }

  get written(): number {
    return (this.#time - START) / 1000;
  }

  async #send(body: Uint8Array, signal: AbortSignal, life: { isOver: boolean }): Promise<SendOutcome> {
    if (life.isOver) return aborted(signal);
    const outcome = this.outcomes.shift();
    if (outcome === "slow") {
      const over = aborted(signal);
      await Promise.race([new Promise<void>((resolve) => this.answers.push(resolve)), over]);
      return signal.aborted ? over : this.#send(body, signal, life);
    }
    if (outcome === "busy") return { kind: "again", problem: "busy", retryAfterMs: 2000 };
    if (outcome === "refused") return { kind: "refused", problem: "no", written: undefined };
    if (outcome === "lost") return { kind: "again", problem: "lost", retryAfterMs: 0 };
    const before = this.receiver.samples.length;
    const status = this.receiver.receive(body);
    this.sizes.push(this.receiver.samples.length - before);
    if (outcome === "answer lost") return { kind: "again", problem: "lost", retryAfterMs: 0 };
    return status === 204
      ? { kind: "sent", written: undefined }
      : { kind: "refused", problem: "400", written: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true });
  }
}

/** Returns a request that gets no response, and rejects when it is aborted. */
const aborted = (signal: AbortSignal): Promise<SendOutcome> =>
  new Promise((resolve) => {
    const over = (): void => resolve({ kind: "again", problem: "aborted", retryAfterMs: 0 });
    if (signal.aborted) over();
    else signal.addEventListener("abort", over, { once: true });
  });

const timesOf = (bench: Bench, series: string): number[] =>
  bench.receiver.samples.filter((sample) => sample.series === series).map(({ time }) => (time - START) / 1000);

test("a queue that was never seen before begins with the entries that are logged from now on, with the fewest shards", async () => {
  await using bench = new Bench("min_shards: 2");
  bench.addSeries(3);
  bench.addSamples(2);
  bench.start();
  await bench.clock.advance(200);
  bench.addSamples(2);
  await bench.clock.advance(6000);
  expect(timesOf(bench, "__name__=m2,cluster=c")).toEqual([3, 4]);
  expect(bench.stats.get("samplesSent")).toBe(6);
  expect(bench.stats.get("samplesPending")).toBe(0);
  expect(bench.stats.get("shards")).toBe(2);
});

test("segments that were sent completely need not be kept, even if nothing is logged after them", async () => {
  await using bench = new Bench();
  bench.addSeries(3);
  bench.start();
  await bench.clock.advance(200);
  const first = bench.wal.end.segment;
  bench.outcomes.push("busy");
  bench.addSamples(1);
  bench.wal.nextSegment();
  const last = bench.wal.nextSegment();
  await bench.clock.advance(1000);
  expect(bench.stats.get("oldestSegment")).toBe(first);
  await bench.clock.advance(10_000);
  expect(timesOf(bench, "__name__=m2,cluster=c")).toEqual([1]);
  expect(bench.stats.get("oldestSegment")).toBe(last);
  // Expects that a queue that starts from the stored position sends each sample exactly once.
  await bench.kill();
  bench.addSamples(1);
  bench.start();
  for (let i = 0; i < 5000 && !bench.hasArrived(); i++) await bench.clock.advance(100);
  expect(timesOf(bench, "__name__=m2,cluster=c")).toEqual([1, 2]);
});

test("samples not sent before the end of a process are sent after it, once and in order, whatever was lost", async () => {
  const action = fc.constantFrom(
    "series",
    "samples",
    "samples",
    "segment",
    "time",
    "kill",
    "stop",
    "lost",
    "answer lost",
    "busy",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), fc.nat(), async (actions, seed) => {
      await using bench = new Bench(seed % 2 === 0 ? "min_shards: 3" : "min_shards: 1");
      const random = seededRandom(seed);
      bench.addSeries(2);
      bench.start();
      await bench.clock.advance(100);
      for (const act of actions) {
        if (act === "series") bench.addSeries(1 + Math.floor(random() * 4));
        else if (act === "samples") bench.addSamples(1 + Math.floor(random() * 6));
        else if (act === "segment") bench.wal.nextSegment();
        else if (act === "time") await bench.clock.advance(random() * 3000);
        else if (act === "kill") {
          await bench.kill();
          bench.start();
          await bench.clock.advance(1);
        } else if (act === "stop") {
          bench.outcomes.length = 0;
          await bench.stop();
          bench.start();
          await bench.clock.advance(1);
        } else bench.outcomes.push(act);
      }
      bench.outcomes.length = 0;
      // Advances the clock in small steps, because files are read asynchronously and the queue needs turns of the event
      // loop.
      for (let i = 0; i < 200 || (i < 5000 && !bench.hasArrived()); i++) await bench.clock.advance(100);
      const first = timesOf(bench, "__name__=m1,cluster=c");
      expect(first).toEqual(Array.from({ length: bench.written }, (_, i) => i + 1));
      const perSeries = Map.groupBy(bench.receiver.samples, ({ series }) => series);
      for (const samples of perSeries.values()) {
        const times = samples.map(({ time }) => (time - START) / 1000);
        expect(times).toEqual(Array.from({ length: times.length }, (_, i) => bench.written - times.length + 1 + i));
      }
    }),
    { numRuns: 30 },
  );
});

test("series whose segments were removed before they were read are sent from then on", async () => {
  await using bench = new Bench();
  bench.addSeries(2);
  bench.start();
  await bench.clock.advance(200);
  // Makes the receiver fail, so that the queue fills up and stops reading the log.
  bench.outcomes.push(...Array<"lost">(20).fill("lost"));
  bench.addSamples(60);
  await bench.clock.advance(200);
  bench.wal.nextSegment();
  bench.addSeries(1);
  bench.addSamples(1);
  await bench.shorten();
  bench.addSamples(2);
  for (let i = 0; i < 5000 && !bench.hasArrived(); i++) await bench.clock.advance(100);
  expect(timesOf(bench, "__name__=m1,cluster=c").slice(-3)).toEqual([60, 62, 63]);
  expect(timesOf(bench, "__name__=m3,cluster=c")).toEqual([62, 63]);
  expect(bench.log.lines.map(({ fields }) => fields["reason"])).toContain("segments up to 1 are gone");
});

test("a request is tried again if the receiver asks for it, and refused entries are counted and dropped", async () => {
  await using bench = new Bench("batch_send_deadline: 1s");
  bench.addSeries(3);
  bench.start();
  await bench.clock.advance(200);
  bench.outcomes.push("busy", "lost", "refused");
  bench.addSamples(1);
  await bench.clock.advance(1200);
  expect(bench.stats.get("samplesSent")).toBe(3);
  await bench.clock.advance(1000);
  expect(bench.stats.get("samplesRetried")).toBe(0);
  await bench.clock.advance(7000);
  expect(bench.stats.get("samplesRetried")).toBe(6);
  expect(bench.stats.get("samplesFailed")).toBe(3);
  expect(bench.stats.get("samplesPending")).toBe(0);
  bench.addSamples(1);
  await bench.clock.advance(1200);
  expect(timesOf(bench, "__name__=m1,cluster=c")).toEqual([2]);
});

test("samples that have become too old are dropped", async () => {
  await using bench = new Bench("batch_send_deadline: 1s, sample_age_limit: 1m");
  bench.addSeries(2);
  bench.start();
  await bench.clock.advance(200);
  bench.addSamples(1);
  bench.outcomes.push(...Array.from({ length: 40 }, () => "busy" as const));
  await bench.clock.advance(70_000);
  bench.outcomes.length = 0;
  await bench.clock.advance(3000);
  expect(bench.receiver.samples).toEqual([]);
  expect(bench.stats.get("samplesTooOld")).toBe(2);
  expect(bench.stats.get("samplesPending")).toBe(0);
});

test("a queue that is started again continues from its position, however long ago the process has started", async () => {
  await using bench = new Bench("batch_send_deadline: 1s");
  bench.addSeries(3);
  const now = bench.wal.end;
  bench.start(now);
  await bench.clock.advance(200);
  bench.addSamples(3);
  await bench.clock.advance(6000);
  await bench.stop();
  bench.start(now);
  await bench.clock.advance(200);
  bench.addSamples(1);
  await bench.clock.advance(6000);
  expect(timesOf(bench, "__name__=m1,cluster=c")).toEqual([1, 2, 3, 4]);
  expect(bench.stats.get("samplesSent")).toBe(12);
});

test("a stopped queue waits for the response to its request, which the next queue takes into account", async () => {
  await using bench = new Bench("batch_send_deadline: 1s");
  bench.addSeries(3);
  bench.start();
  await bench.clock.advance(200);
  bench.outcomes.push("slow");
  bench.addSamples(1);
  await bench.clock.advance(1200);
  let isOver = false;
  const stopped = bench.stopSoon().then(() => (isOver = true));
  await bench.clock.advance(1000);
  expect(isOver).toBe(false);
  bench.answers[0]!();
  await bench.clock.advance(0);
  expect(isOver).toBe(true);
  await stopped;
  bench.start();
  await bench.clock.advance(6000);
  expect(timesOf(bench, "__name__=m1,cluster=c")).toEqual([1]);
  expect(bench.stats.get("samplesSent")).toBe(3);
  expect(bench.stats.get("samplesPending")).toBe(0);
});

test("a stopped queue does not try again", async () => {
  await using bench = new Bench("batch_send_deadline: 1s");
  bench.addSeries(3);
  bench.start();
  await bench.clock.advance(200);
  bench.outcomes.push("slow", "lost");
  bench.addSamples(1);
  await bench.clock.advance(1200);
  const stopped = bench.stopSoon();
  bench.answers[0]!();
  await bench.clock.advance(0);
  await stopped;
  await bench.clock.advance(60_000);
  expect(bench.stats.get("samplesSent")).toBe(3);
  expect(bench.receiver.samples).toEqual([]);
  bench.start();
  await bench.clock.advance(6000);
  expect(timesOf(bench, "__name__=m1,cluster=c")).toEqual([1]);
  expect(bench.stats.get("samplesPending")).toBe(0);
});

test("a receiver that is down is reported once, and once when it is back", async () => {
  await using bench = new Bench("batch_send_deadline: 1s");
  bench.addSeries(3);
  bench.start();
  await bench.clock.advance(200);
  bench.outcomes.push(...Array.from({ length: 10 }, () => "busy" as const));
  bench.addSamples(1);
  await bench.clock.advance(30_000);
  const lines = bench.log.lines
    .map(({ message }) => message)
    .filter((message) => message.startsWith("Sending a batch"));
  expect(lines).toEqual(["Sending a batch failed", "Sending a batch works again"]);
});
