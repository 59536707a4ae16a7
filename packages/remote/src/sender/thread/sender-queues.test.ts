import { rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { ByteWriter } from "@narthex/bytes";
import { Labels, wordsOf } from "@narthex/model";
import { InternalErrors } from "@narthex/runtime";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { WalWriter, writeSamples, writeSeries } from "@narthex/tsdb/testing";
import { expect, test } from "vitest";
import { samplesOfV1 } from "../../testing/read-request.ts";
import { KeptPositions, POSITIONS } from "../position/kept-positions.ts";
import { AppendedStats, QueueStats } from "../queue/queue-stats.ts";
import type { PostedQueue } from "./sender-messages.ts";
import { SenderQueues } from "./sender-queues.ts";

const START = Date.UTC(2026, 0, 1);
/**
 * Time in ms that removed queues have to send the remaining entries of the log. The time is very long, because the test's
 * clock runs much faster than real requests.
 */
const FLUSH_MS = 24 * 3_600_000;

/** A write-ahead log, queues that read it, and a receiver whose responses the test controls. */
class Bench implements AsyncDisposable {
  readonly #dir = temporaryFolder();
  readonly #wal = new WalWriter(this.#dir, { segmentBytes: 4 * 32 * 1024 });
  readonly #store = openSqlite(":memory:");
  readonly #beginning = this.#wal.end;
  readonly clock = new ManualClock(START);
  readonly logger = memoryLogger();
  readonly errors = new InternalErrors();
  readonly positions = new KeptPositions(this.#store.collection(POSITIONS, "process"), this.logger);
  readonly queues = new SenderQueues({
    dir: this.#dir,
    positions: this.positions,
    appended: new AppendedStats().buffer,
    userAgent: "",
    env: {},
    clock: this.clock,
    logger: this.logger,
    reportError: this.errors.reporter("remote_write", this.logger),
  });
  /** Requests that the receiver has not answered yet. */
  readonly waiting: ServerResponse[] = [];
  readonly values: number[] = [];
  #value = 0;
  readonly #server = createServer(async (request, response) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of request as AsyncIterable<Uint8Array>) pieces.push(piece);
    this.values.push(...samplesOfV1(Buffer.concat(pieces)).map(({ value }) => value));
    this.waiting.push(response);
  });

  static async open(): Promise<Bench> {
    const bench = new Bench();
    await new Promise<void>((resolve) => bench.#server.listen(0, "127.0.0.1", resolve));
    const record = new ByteWriter();
    writeSeries(record, 1, Labels.of({ __name__: "m" }));
    bench.#wal.log(record.written);
    bench.#wal.flush();
    return bench;
  }

  addSample(): void {
    const record = new ByteWriter();
    const value = ++this.#value;
    const times = Float64Array.of(START + value);
    writeSamples(record, Float64Array.of(1), times, wordsOf(Float64Array.of(value)), 0, 1);
    this.#wal.log(record.written);
    this.#wal.flush();
  }

  posted(settings = ""): PostedQueue {
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
    const queue = `{batch_send_deadline: 5ms, max_samples_per_send: 1, max_shards: 1, capacity: 10, ${settings}}`;
    return {
      key: "a",
      name: "a",
      url,
      entry: `{url: "${url}", remote_timeout: 1d, queue_config: ${queue}}`,
      externalLabels: [],
      scheme: "utf8",
      stats: new QueueStats().buffer,
      now: this.#beginning,
      logEnd: this.#wal.sharedEnd.buffer,
    };
  }

  /** Advances the clock in steps until a condition is true. */
  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) {
      await this.clock.advance(1);
      await setImmediate();
    }
  }

  async answer(): Promise<void> {
    await this.until(() => this.waiting.length > 0);
    this.waiting.shift()!.writeHead(204).end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const response of this.waiting) response.destroy();
    await this.queues.stop(0);
    await this.#store.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    await this.#wal.close();
    rmSync(this.#dir, { recursive: true });
  }
}

test("a queue that is added again while it still sends the rest waits until the rest is sent, and sends nothing twice", async () => {
  await using bench = await Bench.open();
  await bench.queues.apply([bench.posted()], FLUSH_MS);
  bench.addSample();
  bench.addSample();
  await bench.until(() => bench.waiting.length === 1);
  // Removes the queue, which may first send the rest of the log.
  await bench.queues.apply([], FLUSH_MS);
  let isBack = false;
  const back = bench.queues.apply([bench.posted("sample_age_limit: 1h")], FLUSH_MS).then(() => (isBack = true));
  await bench.answer();
  await bench.until(() => bench.waiting.length === 1);
  // Runs turns of the event loop while half of the entries are sent. The new queue must still wait for the removed
  // queue.
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  expect(isBack).toBe(false);
  await bench.answer();
  await bench.until(() => isBack);
  await back;
  bench.addSample();
  await bench.answer();
  await bench.until(() => bench.values.length === 3);
  expect(bench.values).toEqual([1, 2, 3]);
});

test("a changed queue leaves its unsent entries to the queue that replaces it", async () => {
  await using bench = await Bench.open();
  await bench.queues.apply([bench.posted()], FLUSH_MS);
  bench.addSample();
  bench.addSample();
  await bench.until(() => bench.waiting.length === 1);
  const changed = bench.queues.apply([bench.posted("sample_age_limit: 1h")], FLUSH_MS);
  await bench.answer();
  await bench.answer();
  await changed;
  expect(bench.values).toEqual([1, 2]);
});

test("the position of a removed queue is removed after the queue has sent the rest", async () => {
  await using bench = await Bench.open();
  await bench.positions.begin("a", { segment: 0, offset: 0 }, 1);
  await bench.queues.apply([bench.posted()], FLUSH_MS);
  bench.addSample();
  await bench.until(() => bench.waiting.length === 1);
  await bench.queues.apply([], FLUSH_MS);
  expect(await bench.positions.load("a")).toBeDefined();
  await bench.answer();
  await bench.until(async () => (await bench.positions.load("a")) === undefined);
  expect(bench.values).toEqual([1]);
});

test("metadata is sent again after a message with metadata could not be encoded", async () => {
  await using bench = await Bench.open();
  await bench.queues.apply([bench.posted()], FLUSH_MS);
  const broken = {
    metric: "m",
    type: "counter",
    unit: "",
    get help(): string {
      throw new RangeError("no help");
    },
  };
  await bench.until(async () => {
    await bench.queues.sendMetadata("a", [broken]);
    return bench.errors.counts.size > 0;
  });
  await bench.queues.sendMetadata("a", [broken]);
  expect([...bench.errors.counts]).toEqual([["remote_write", 2]]);
  const [line] = bench.logger.lines.filter(({ level }) => level === "error");
  expect(line?.fields).toMatchObject({ remote_name: "a", stack: expect.stringContaining("no help") });
});
