import { type ByteWriter, WireWriter, uvarintSize, writeUvarint } from "@narthex/bytes";
import { writeHistogramMessage } from "@narthex/exposition";
import { EXEMPLAR_ENTRY, FLOAT, type SampleBatch } from "./sample-batch.ts";
import type { SentSeries } from "../series/sent-series.ts";
import { writeLabels } from "./write-labels.ts";
import { writeTime } from "./write-time.ts";

/** Protobuf tag of a series in a message. The next tags are those of samples, exemplars and histograms in a series. */
const SERIES = 0x0a;
const SAMPLE = 0x12;
const EXEMPLAR = 0x1a;
const HISTOGRAM = 0x22;

/**
 * Largest size in bytes of an encoded sample. The next constants are the largest sizes of the tags and lengths around
 * an entry.
 */
const SAMPLE_BYTES = 20;
const AROUND_BYTES = 16;

const scratch = new WireWriter(4096);

/**
 * Encodes a batch as a remote write 1.0 message, in which each entry (sample, histogram or exemplar) is a separate
 * series. Leaves out entries older than `oldest` (ms).
 */
export function encodeV1(batch: SampleBatch, series: SentSeries, into: ByteWriter, oldest: number): void {
  into.reset();
  for (let i = 0; i < batch.count; i++) {
    if (batch.times[i]! < oldest) continue;
    if (batch.kinds[i] === FLOAT) writeFloat(batch, i, series, into);
    else writeOther(batch, i, series, into);
  }
}

function writeFloat(batch: SampleBatch, i: number, series: SentSeries, into: ByteWriter): void {
  const row = batch.rows[i]!;
  const size = series.sizeOf(row);
  into.reserve(size + SAMPLE_BYTES + AROUND_BYTES);
  const { bytes } = into;
  const start = into.length;
  // Expected size of the sample in bytes. The real size is known only after the time is written, and nearly all samples
  // have 16 bytes.
  let sampleSize = 16;
  for (;;) {
    const message = size + 2 + sampleSize;
    bytes[start] = SERIES;
    let at = writeUvarint(bytes, start + 1, message);
    at = series.copyLabels(row, bytes, at);
    bytes[at] = SAMPLE;
    bytes[at + 1] = sampleSize;
    const end = writeTime(bytes, writeValue(bytes, at + 2, batch.words, i), 2, batch.times[i]!);
    if (end - at - 2 === sampleSize) {
      into.length = end;
      return;
    }
    sampleSize = end - at - 2;
  }
}

/** Writes a value as field 1 of a protobuf message. The bits of a NaN are preserved. Returns the end of the field. */
export function writeValue(bytes: Uint8Array, at: number, words: Uint32Array, i: number): number {
  bytes[at] = 0x09;
  const low = words[i * 2]!;
  const high = words[i * 2 + 1]!;
  bytes[at + 1] = low;
  bytes[at + 2] = low >>> 8;
  bytes[at + 3] = low >>> 16;
  bytes[at + 4] = low >>> 24;
  bytes[at + 5] = high;
  bytes[at + 6] = high >>> 8;
  bytes[at + 7] = high >>> 16;
  bytes[at + 8] = high >>> 24;
  return at + 9;
}

function writeOther(batch: SampleBatch, i: number, series: SentSeries, into: ByteWriter): void {
  const row = batch.rows[i]!;
  const size = series.sizeOf(row);
  scratch.reset();
  const isExemplar = batch.kinds[i] === EXEMPLAR_ENTRY;
  if (isExemplar) {
    const { labels, value, timestamp } = batch.exemplars.get(i)!;
    writeLabels(scratch, labels);
    scratch.double(2, value);
    scratch.int64(3, timestamp);
  } else writeHistogramMessage(scratch, batch.times[i]!, batch.histograms.get(i)!);
  const body = scratch.written;
  const message = size + 1 + uvarintSize(body.length) + body.length;
  into.u8(SERIES);
  into.uvarint(message);
  into.reserve(size);
  into.length = series.copyLabels(row, into.bytes, into.length);
  into.u8(isExemplar ? EXEMPLAR : HISTOGRAM);
  into.uvarint(body.length);
  into.put(body);
}
