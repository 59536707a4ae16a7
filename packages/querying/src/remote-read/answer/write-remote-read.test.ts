import { WireWriter } from "@narthex/bytes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestScheduler } from "../../testing/test-lane.ts";
import { START, type WrittenTsdb, writtenTsdb } from "../../testing/written-tsdb.ts";
import type { StreamedResponse } from "../../scheduler/query-lane.ts";
import type { RemoteReadListing } from "./remote-read-listing.ts";

let written: WrittenTsdb;

beforeAll(async () => {
  written = await writtenTsdb(60_000, [`m{i="1"} 1+1x400`, `m{i="2"} 5+0x400`]);
});

afterAll(() => written[Symbol.asyncDispose]());

/** Everything that is stored. */
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

test.each([0, 1])("a remote read has its slot until its answer has left, with %d threads", async (threads) => {
  const scheduler = openTestScheduler(written, { threads, maxRemoteReads: 1 });
  const lane = scheduler.lanes.remoteReads;
  const first = await lane.list({ listing: listing("chunks") });
  expect(await bytesOf(first)).toBeGreaterThan(500);
  let isAnswered = false;
  const second = lane.list({ listing: listing("samples") });
  void second.then(() => (isAnswered = true));
  const other = await scheduler.lanes.listings.list({ listing: { kind: "series", match: ["m"], start: START, end: START, limit: 0 } }); // prettier-ignore
  other.release();
  expect(isAnswered).toBe(false);
  first.release();
  (await second).release();
  await scheduler.close();
});

test("more samples than the limit are refused where all are in one message, and only there", async () => {
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
