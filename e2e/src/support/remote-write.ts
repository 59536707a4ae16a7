import { WIRE_FIXED64, WireWriter } from "@narthex/bytes";
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Labels, type Span } from "@narthex/model";
import type { Exemplar } from "@narthex/storage";
import { compress } from "snappyjs";

/** Samples of one series, in order of time. */
export interface WrittenSeries {
  readonly labels: Labels;
  readonly timestamps: readonly number[];
  /** One float for each timestamp, including stale markers; empty for histograms. */
  readonly values: Float64Array;
  readonly histograms: readonly FloatHistogram[];
  readonly exemplars?: readonly Exemplar[];
}

const STALE_BYTES = Uint8Array.of(2, 0, 0, 0, 0, 0, 0xf0, 0x7f);
const HINTS = { unknown: 0, reset: 1, "not-reset": 2, gauge: 3 } as const;

/** Returns a prometheus.WriteRequest of remote write 1.0. */
export function writeRequest(series: readonly WrittenSeries[]): Uint8Array {
  const out = new WireWriter(1 << 20);
  for (const one of series) out.message(1, () => writeSeries(out, one));
  return out.written;
}

/** Sends series by remote write 1.0 in one request, which is one transaction. */
export async function remoteWrite(
  base: string,
  series: readonly WrittenSeries[],
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const response = await fetch(`${base}/api/v1/write`, {
    method: "POST",
    headers: {
      "content-type": "application/x-protobuf",
      "content-encoding": "snappy",
      "x-prometheus-remote-write-version": "0.1.0",
      ...headers,
    },
    body: Uint8Array.from(compress(writeRequest(series))),
  });
  const answer = await response.text();
  if (response.status !== 204) throw new Error(`remote write: status ${response.status}: ${answer}`);
}

function writeSeries(out: WireWriter, series: WrittenSeries): void {
  const { labels, timestamps, values, histograms, exemplars = [] } = series;
  writeLabels(out, labels);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (const [i, timestamp] of timestamps.entries()) {
    const histogram = histograms[i];
    if (histogram !== undefined) {
      out.message(4, () => writeHistogram(out, timestamp, histogram));
      continue;
    }
    out.message(2, () => {
      rawDouble(out, 1, bytes.subarray(i * 8, i * 8 + 8));
      out.int64(2, timestamp);
    });
  }
  for (const exemplar of exemplars) {
    out.message(3, () => {
      writeLabels(out, exemplar.labels);
      out.double(2, exemplar.value);
      out.int64(3, exemplar.timestamp);
    });
  }
}

function writeLabels(out: WireWriter, labels: Labels): void {
  for (const [name, value] of labels) {
    out.message(1, () => {
      out.string(1, name);
      out.string(2, value);
    });
  }
}

/** Writes a float as its bytes, little-endian, so that a NaN keeps its payload. */
function rawDouble(out: WireWriter, field: number, bytes: Uint8Array): void {
  out.tag(field, WIRE_FIXED64);
  out.raw(bytes);
}

function writeHistogram(out: WireWriter, timestamp: number, histogram: FloatHistogram): void {
  const { count, sum, schema, zeroThreshold, zeroCount, integer = false, resetHint, customBounds } = histogram;
  if (integer) out.uint64(1, count);
  else out.double(2, count);
  if (histogram.stale === true) rawDouble(out, 3, STALE_BYTES);
  else out.double(3, sum);
  out.sint64(4, schema);
  out.double(5, zeroThreshold);
  if (schema !== CUSTOM_BUCKETS_SCHEMA) {
    if (integer) out.uint64(6, zeroCount);
    else out.double(7, zeroCount);
  }
  writeSide(out, 8, histogram.negativeSpans, histogram.negativeBuckets, integer);
  writeSide(out, 11, histogram.positiveSpans, histogram.positiveBuckets, integer);
  out.uint64(14, HINTS[resetHint]);
  out.int64(15, timestamp);
  for (const bound of customBounds ?? []) out.double(16, bound);
}

/** Writes the spans of a histogram at `field`, then deltas of integer counts or absolute float counts. */
function writeSide(
  out: WireWriter,
  field: number,
  spans: readonly Span[],
  buckets: Float64Array,
  integer: boolean,
): void {
  for (const { offset, length } of spans) {
    out.message(field, () => {
      out.sint64(1, offset);
      out.uint64(2, length);
    });
  }
  for (const [i, count] of buckets.entries()) {
    if (integer) out.sint64(field + 1, count - (buckets[i - 1] ?? 0));
    else out.double(field + 2, count);
  }
}
