import { ByteWriter, crc32c, SnappyCompressor, WireWriter } from "@narthex/bytes";
import { writeHistogramMessage } from "@narthex/exposition";
import { EMPTY_HISTOGRAM, type FloatHistogram, Matcher } from "@narthex/model";
import { SampleColumns, type WaitReason, type WaitRecorder } from "@narthex/storage";
import { expect, test } from "vitest";
import { remoteReadQueryable } from "./remote-read-source.ts";
import type { RemoteAnswer, RemoteReader } from "./remote-reader.ts";

const ALL = [new Matcher("=", "__name__", "m")];
/** A chunk in XOR encoding with one float at 1000 ms: the number of samples, the time, the value. */
const CHUNK = Uint8Array.of(0, 1, 0xd0, 0x0f, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0);

async function* pieces(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

function named(out: WireWriter): void {
  out.message(1, () => {
    out.string(1, "__name__");
    out.string(2, "m");
  });
}

/** Returns a response in two pieces: a frame with one series that has `chunks` equal chunks. */
function chunkAnswer(chunks: number): RemoteAnswer {
  const out = new WireWriter();
  out.message(1, () => {
    named(out);
    for (let i = 0; i < chunks; i++) {
      out.message(2, () => {
        out.int64(1, 1000);
        out.int64(2, 1000);
        out.int64(3, 1);
        out.bytes(4, CHUNK);
      });
    }
  });
  const frame = new ByteWriter(256);
  frame.uvarint(out.written.length);
  frame.u32(crc32c(out.written));
  frame.put(out.written);
  const bytes = frame.written.slice();
  return { form: "chunks", added: [], maxFrameBytes: 1e6, body: pieces(bytes.subarray(0, 9), bytes.subarray(9)) };
}

/** Returns a response with a message of samples, and the size of the message. */
function sampleAnswer(histogram?: FloatHistogram): { readonly answer: RemoteAnswer; readonly bytes: number } {
  const out = new WireWriter();
  out.message(1, () =>
    out.message(1, () => {
      named(out);
      out.message(2, () => {
        out.double(1, 1);
        out.int64(2, 1000);
      });
      if (histogram !== undefined) out.message(4, () => writeHistogramMessage(out, 1500, histogram));
    }),
  );
  const packed = new ByteWriter(256);
  packed.uvarint(out.written.length);
  packed.put(new SnappyCompressor().compressPart(out.written));
  const answer = { form: "samples", added: [], maxFrameBytes: 0, body: pieces(packed.written.slice()) } as const;
  return { answer, bytes: out.written.length };
}

const readerOf = (...answers: readonly RemoteAnswer[]): RemoteReader => ({
  endpoints: answers.length,
  concerns: () => Promise.resolve(true),
  read: () => Promise.resolve({ answers, problems: [], close: () => {} }),
});

test("bytes from other servers are counted when chunks are decoded, or when messages of samples are read", async () => {
  const samples = sampleAnswer();
  const querier = remoteReadQueryable(readerOf(chunkAnswer(2), samples.answer)).querier(0, 2000);
  const set = await querier.select(ALL, { start: 0, end: 2000 });
  expect(querier.bytesRead).toBe(samples.bytes);
  const columns = new SampleColumns();
  set.read(0, 0, 2000, columns);
  expect([columns.count, columns.timestamps[0], columns.values[0]]).toEqual([1, 1000, 1]);
  expect(querier.bytesRead).toBe(samples.bytes + 2 * CHUNK.length);
  set.read(0, 1001, 2000, columns);
  expect(querier.bytesRead).toBe(samples.bytes + 2 * CHUNK.length);
});

test("a selection reports that it waits for servers: for their answers and for each piece", async () => {
  const reasons: WaitReason[] = [];
  let open = 0;
  const waits: WaitRecorder = {
    begin(reason) {
      expect(open++).toBe(0);
      reasons.push(reason);
      return () => void open--;
    },
  };
  const querier = remoteReadQueryable(readerOf(chunkAnswer(1))).querier(0, 2000);
  const set = await querier.select(ALL, { start: 0, end: 2000, waits });
  expect(set.labels.map(String)).toEqual(['{__name__="m"}']);
  // Expects one wait for the response, two for its pieces, and one for its end.
  expect([reasons, open]).toEqual([Array(4).fill("server"), 0]);
});

const bucketsOf = (schema: number, length: number, ...counts: number[]): FloatHistogram => ({
  ...EMPTY_HISTOGRAM,
  schema,
  count: counts.reduce((sum, count) => sum + count, 0),
  positiveSpans: [{ offset: 0, length }],
  positiveBuckets: Float64Array.from(counts),
});

test("histograms with a finer schema are reduced to the finest one that is stored", async () => {
  const { answer } = sampleAnswer(bucketsOf(10, 5, 1, 2, 3, 4, 5));
  const set = await remoteReadQueryable(readerOf(answer)).querier(0, 2000).select(ALL, { start: 0, end: 2000 });
  const columns = new SampleColumns();
  set.read(0, 0, 2000, columns);
  expect(columns.histograms?.[1]).toMatchObject({
    schema: 8,
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveBuckets: Float64Array.of(1, 14),
  });
});

test.each([
  [bucketsOf(0, 2 ** 32 - 1), "remote_read: positive side: spans need 4294967295 buckets, have 0 buckets"],
  [bucketsOf(52, 2 ** 32 - 1), "remote_read: positive side: spans need 4294967295 buckets, have 0 buckets"],
  [bucketsOf(0, 1, -1), "remote_read: positive side: bucket number 1 has observation count of -1"],
  [bucketsOf(53, 0), "remote_read: histogram has an invalid schema"],
])("an inconsistent histogram is reported, and its answer is not read: %#", async (histogram, problem) => {
  const querier = remoteReadQueryable(readerOf(sampleAnswer(histogram).answer)).querier(0, 2000);
  const { labels, warnings } = await querier.select(ALL, { start: 0, end: 2000 });
  expect([labels, warnings]).toEqual([[], [expect.stringContaining(problem)]]);
});
