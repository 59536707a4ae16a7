import { crc32c, WireReader, WireWriter } from "@narthex/bytes";
import { readWrittenHistogram } from "@narthex/exposition";
import type { FloatHistogram } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { decodeChunk } from "@narthex/tsdb";
import { compress, uncompress } from "snappyjs";

interface ReadMatcher {
  readonly type: number;
  readonly name: string;
  readonly value: string;
}

interface ReadHints {
  readonly start: number;
  readonly end: number;
  readonly func: string;
  readonly step: number;
  readonly grouping: readonly string[];
}

export interface ReadQuery {
  readonly start: number;
  readonly end: number;
  readonly matchers: readonly ReadMatcher[];
  readonly hints: ReadHints | undefined;
}

/** Returns a compressed ReadRequest. */
export function readRequest(queries: readonly ReadQuery[], accepted: readonly number[]): Uint8Array {
  const out = new WireWriter();
  for (const query of queries) out.message(1, () => writeQuery(out, query));
  if (accepted.length > 0) {
    out.message(2, () => {
      for (const type of accepted) out.varint(type);
    });
  }
  return Uint8Array.from(compress(out.written));
}

function writeQuery(out: WireWriter, { start, end, matchers, hints }: ReadQuery): void {
  out.int64(1, start);
  out.int64(2, end);
  for (const { type, name, value } of matchers) {
    out.message(3, () => {
      out.uint64(1, type);
      out.string(2, name);
      out.string(3, value);
    });
  }
  if (hints === undefined) return;
  out.message(4, () => {
    out.int64(1, hints.step);
    out.string(2, hints.func);
    out.int64(3, hints.start);
    out.int64(4, hints.end);
    for (const name of hints.grouping) out.string(5, name);
  });
}

/** A series in an answer to a remote read request. The samples are texts, so that a failed comparison can show them. */
export interface ReadSeries {
  readonly query: number;
  readonly labels: string;
  readonly samples: readonly string[];
}

/** A frame of a streamed answer to a remote read request. */
export interface ReadFrame extends ReadSeries {
  readonly bytes: string;
  readonly chunks: readonly string[];
}

/** Parses the series of a ReadResponse, the unstreamed answer to a remote read request. */
export function seriesOf(packed: Uint8Array): readonly ReadSeries[] {
  const found: ReadSeries[] = [];
  let query = 0;
  for (const result of messagesOf(new Uint8Array(uncompress(packed)), 1)) {
    for (const series of messagesOf(result, 1)) {
      const samples: [number, string][] = [];
      for (const sample of messagesOf(series, 2)) samples.push(sampleOf(sample));
      for (const histogram of messagesOf(series, 4)) {
        const read = readWrittenHistogram(new WireReader(histogram));
        // The bounds of custom buckets are removed, because Prometheus 3.5 omits them.
        samples.push([read.timestamp, histogramText({ ...read.histogram, customBounds: undefined })]);
      }
      samples.sort(([a], [b]) => a - b);
      found.push({ query, labels: labelsOf(series), samples: samples.map((one) => one.join(" ")) });
    }
    query++;
  }
  return found;
}

/** Parses the frames of a streamed answer, and checks their checksums. */
export function framesOf(bytes: Uint8Array): readonly ReadFrame[] {
  const found: ReadFrame[] = [];
  const wire = new WireReader(bytes);
  while (wire.at < bytes.length) {
    const length = wire.uint64();
    const sum = new DataView(bytes.buffer, bytes.byteOffset + wire.at, 4).getUint32(0);
    const frame = bytes.subarray(wire.at + 4, wire.at + 4 + length);
    if (crc32c(frame) !== sum) throw new Error("a frame's checksum does not fit");
    found.push(frameOf(frame));
    wire.at += 4 + length;
  }
  return found;
}

function frameOf(frame: Uint8Array): ReadFrame {
  let query = 0;
  const wire = new WireReader(frame);
  for (let tag = wire.tag(""); tag !== 0; tag = wire.tag("")) {
    if (tag === 16) query = wire.uint64();
    else wire.skip(tag);
  }
  const [series] = messagesOf(frame, 1);
  const columns = new SampleColumns();
  const chunks: string[] = [];
  for (const chunk of messagesOf(series!, 2)) {
    const { minTime, maxTime, encoding, data } = chunkOf(chunk);
    decodeChunk({ bytes: data, start: 0, end: data.length, encoding }, -Infinity, Infinity, columns);
    chunks.push(`${minTime} ${maxTime} ${encoding}`);
  }
  const bytes = Buffer.from(frame).toString("base64");
  return { query, labels: labelsOf(series!), samples: textOf(columns), bytes, chunks };
}

function chunkOf(bytes: Uint8Array): { minTime: number; maxTime: number; encoding: number; data: Uint8Array } {
  const chunk = { minTime: 0, maxTime: 0, encoding: 0, data: new Uint8Array() };
  const wire = new WireReader(bytes);
  for (let tag = wire.tag(""); tag !== 0; tag = wire.tag("")) {
    if (tag === 8) chunk.minTime = wire.int64();
    else if (tag === 16) chunk.maxTime = wire.int64();
    else if (tag === 24) chunk.encoding = wire.int32();
    else {
      const end = wire.range();
      chunk.data = bytes.slice(wire.start, end);
    }
  }
  return chunk;
}

function textOf({ timestamps, valueWords: words, histograms, count }: SampleColumns): readonly string[] {
  return Array.from({ length: count }, (_, i) => {
    const histogram = histograms?.[i];
    const value = histogram === undefined ? floatText(words[i * 2]!, words[i * 2 + 1]!) : histogramText(histogram);
    return `${timestamps[i]} ${value}`;
  });
}

const floatText = (low: number, high: number): string =>
  `${(high >>> 0).toString(16).padStart(8, "0")}${(low >>> 0).toString(16).padStart(8, "0")}`;

function sampleOf(bytes: Uint8Array): [number, string] {
  const words = new Uint32Array(2);
  let time = 0;
  const wire = new WireReader(bytes);
  for (let tag = wire.tag(""); tag !== 0; tag = wire.tag("")) {
    if (tag === 9) wire.doubleWords(words, 0);
    else time = wire.int64();
  }
  return [time, floatText(words[0]!, words[1]!)];
}

/** Text that represents a stale marker in a histogram series. */
export const STALE_HISTOGRAM = "stale";

function histogramText({ customBounds, positiveBuckets, negativeBuckets, ...rest }: FloatHistogram): string {
  // A stale marker is reduced to a fixed text, because its form depends on the chunk that contains it.
  if (rest.stale === true) return STALE_HISTOGRAM;
  return JSON.stringify({
    ...rest,
    // Reset hints are removed, because they depend on the start of each chunk.
    resetHint: undefined,
    stale: rest.stale ?? false,
    integer: rest.integer ?? false,
    sum: String(rest.sum),
    bounds: [...(customBounds ?? [])],
    positive: [...positiveBuckets],
    negative: [...negativeBuckets],
  });
}

/** Returns the nested protobuf messages in a field. */
function messagesOf(bytes: Uint8Array, field: number): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  const wire = new WireReader(bytes);
  for (let tag = wire.tag(""); tag !== 0; tag = wire.tag("")) {
    if (tag !== field * 8 + 2) {
      wire.skip(tag);
      continue;
    }
    const end = wire.range();
    found.push(bytes.slice(wire.start, end));
  }
  return found;
}

const labelsOf = (series: Uint8Array): string =>
  messagesOf(series, 1)
    .map((label) => [1, 2].map((field) => Buffer.from(messagesOf(label, field)[0] ?? []).toString()).join("="))
    .join(",");
