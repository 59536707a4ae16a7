import { WireWriter } from "@narthex/bytes";
import { systemClock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MemoryAccount } from "../../evaluation/memory-account.ts";
import { openTestScheduler } from "../../testing/test-lane.ts";
import { START, type WrittenTsdb, writtenTsdb } from "../../testing/written-tsdb.ts";
import type { StreamedResponse } from "../../scheduler/query-lane.ts";
import type { RemoteReadListing } from "./remote-read-listing.ts";
import { PieceMemory } from "../../response/piece-memory.ts";
import { writeRemoteRead } from "./write-remote-read.ts";

let written: WrittenTsdb;

beforeAll(async () => {
  written = await writtenTsdb(60_000, [`m{i="1"} 1+1x400`, `m{i="2"} 5+0x400`]);
});

afterAll(() => written[Symbol.asyncDispose]());

/** Returns a remote read request for all stored data. */
function listing(form: RemoteReadListing["form"], sampleLimit = 0): RemoteReadListing {
  const out = new WireWriter();
  out.message(1, () => {
    out.int64(1, START);
    out.int64(2, START + 400 * 60_000);
    out.message(3, () => {
      out.string(2, "__name__");
      out.string(3, "m");
    });
  });
  const request = out.written.slice();
  return { kind: "remote read", match: [], request, form, externalLabels: [], sampleLimit, maxBytesInFrame: 1000 };
}

async function bytesOf({ first, rest }: StreamedResponse): Promise<number> {
  let size = first.length;
  if (rest !== undefined) for await (const piece of rest) size += piece.length;
  return size;
}

test.each([0, 1])("a remote read keeps its slot until its answer has been sent, with %d threads", async (threads) => {
  const scheduler = openTestScheduler(written, { threads, maxRemoteReads: 1 });
  const lane = scheduler.lanes.remoteReads;
  const first = await lane.list({ listing: listing("chunks") });
  expect(await bytesOf(first)).toBeGreaterThan(500);
  let isAnswered = false;
  const second = lane.list({ listing: listing("samples") });
  void second.then(() => (isAnswered = true));
  const other = await scheduler.lanes.listings.list({
    listing: { kind: "series", match: ["m"], start: START, end: START, limit: 0 },
  });
  other.release();
  expect(isAnswered).toBe(false);
  first.release();
  (await second).release();
  await scheduler.close();
});

test("too many samples are refused if the answer is one message, and only then", async () => {
  const scheduler = openTestScheduler(written, { threads: 0 });
  const lane = scheduler.lanes.remoteReads;
  await expect(lane.list({ listing: listing("samples", 801) })).rejects.toMatchObject({
    kind: "bad-query",
    message: "exceeded sample limit (801)",
  });
  for (const asked of [listing("samples", 802), listing("chunks", 801)]) {
    const answer = await lane.list({ listing: asked });
    expect(await bytesOf(answer)).toBeGreaterThan(500);
    answer.release();
  }
  expect(scheduler.usedBytes).toBe(0);
  await scheduler.close();
});

test("if memory for an answer is refused, the storage is closed", async () => {
  const storage = new MemoryStorage();
  let open = 0;
  const counted: Queryable = {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      open++;
      const close = (): void => void open--;
      return {
        select: (matchers, hints) => querier.select(matchers, hints),
        labelNames: (matchers) => querier.labelNames(matchers),
        labelValues: (name, matchers) => querier.labelValues(name, matchers),
        close,
      };
    },
  };
  const job = {
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    charge: MemoryAccount.open({ limitBytes: 512 * 1024, reservedBytes: 0 }).charge("queries"),
    gzip: false,
    pieceMemory: new PieceMemory(),
    began: () => {},
    yieldTurn: () => Promise.resolve(),
  };
  const answer = async (): Promise<void> => {
    const { pieces } = await writeRemoteRead(listing("chunks"), counted, job, systemClock);
    for await (const _piece of pieces) expect.unreachable();
  };
  await expect(answer()).rejects.toThrow("--query.max-memory");
  expect(open).toBe(0);
});
