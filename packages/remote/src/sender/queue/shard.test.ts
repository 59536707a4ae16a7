import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { LogPosition } from "../position/log-position.ts";
import { Shard } from "./shard.ts";

const at = (entry: number): LogPosition => ({ segment: 0, offset: 0, entry });

/** A shard whose requests end when the test decides. */
class Bench {
  readonly clock = new ManualClock();
  /** Functions that end the requests in progress, in order. */
  readonly answers: ((isDone: boolean) => void)[] = [];
  /** Number of entries in each request, in the order of the requests. */
  readonly sizes: number[] = [];
  readonly shard: Shard;

  constructor(batchSize: number, waitingBatches: number, boundary?: LogPosition) {
    const send = (batch: { readonly count: number }): Promise<boolean> => {
      this.sizes.push(batch.count);
      return new Promise((resolve) => this.answers.push(resolve));
    };
    const keep = async (): Promise<void> => {};
    const options = { clock: this.clock, batchSize, waitingBatches, deadlineMs: 5000, send, keep };
    this.shard = new Shard(options, at(-1), boundary);
  }

  /** Adds an entry to the shard. Returns false if the shard has no room. */
  add(entry: number): boolean {
    const batch = this.shard.batchFor(0, 0, entry);
    if (batch === undefined) return false;
    batch.addFloat(0, 1000 + entry, 0, 0, 0);
    batch.endsAt(0, 0, entry);
    this.shard.added();
    return true;
  }

  async answer(isDone: boolean): Promise<void> {
    this.answers.shift()!(isDone);
    await this.clock.advance(0);
  }
}

test("if a batch has room for one entry, every entry is sent without waiting for later entries", async () => {
  const bench = new Bench(1, 2);
  expect([0, 1, 2, 3].map((entry) => bench.add(entry))).toEqual([true, true, true, false]);
  await bench.clock.advance(0);
  for (let i = 0; i < 3; i++) {
    await bench.clock.advance(6000);
    expect(bench.answers).toHaveLength(1);
    await bench.answer(true);
  }
  expect(bench.sizes).toEqual([1, 1, 1]);
  expect(bench.shard.isIdle).toBe(true);
  expect(bench.shard.acknowledged).toEqual(at(2));
});

test("after the batch that was in progress before a restart, the next batch is also recorded as in progress", async () => {
  const bench = new Bench(2, 4, at(1));
  bench.add(0);
  bench.add(1);
  await bench.clock.advance(0);
  expect(bench.answers).toHaveLength(1);
  bench.add(2);
  expect(bench.shard.inFlight).toEqual(at(1));
  await bench.answer(true);
  expect(bench.shard.acknowledged).toEqual(at(1));
  expect(bench.shard.inFlight).toBeUndefined();
});

test("a boundary without earlier entries of the shard is forgotten", () => {
  const bench = new Bench(2, 4, at(1));
  bench.add(2);
  expect(bench.shard.inFlight).toBeUndefined();
});

test("an abandoned shard waits for the response to its request, and sends nothing more", async () => {
  const bench = new Bench(1, 4);
  bench.add(0);
  bench.add(1);
  await bench.clock.advance(0);
  let isOver = false;
  bench.shard.giveUp();
  const flushed = bench.shard.flush().then(() => (isOver = true));
  await bench.clock.advance(0);
  expect(isOver).toBe(false);
  await bench.answer(true);
  await flushed;
  expect(bench.sizes).toEqual([1]);
  expect(bench.shard.acknowledged).toEqual(at(0));
});
