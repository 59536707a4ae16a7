import { allBuckets, type FloatHistogram, formatPlain, formatSampleValue, goJson, type Labels } from "@narthex/model";
import { ABSENT, FLOAT, type QueryResult, type ResultSeries, scalarValue } from "@narthex/promql";
import { type ResponsePiece, PIECE_BYTES, type PieceOptions, PieceWriter } from "./response-pieces.ts";
import { JsonBytes } from "./json-bytes.ts";
import type { SampleTimes } from "./sample-writer.ts";

/**
 * Buffers that all responses of the thread share, one after the other. Separate buffers would have to be
 * garbage-collected.
 */
const scratch = new JsonBytes(PIECE_BYTES);
const timesScratch = new JsonBytes(4096);
const COMMA = 0x2c;
const COLON = 0x3a;
const CLOSE = 0x7d;

/**
 * Writes the JSON response to a query in pieces, directly from arrays of samples. The caller adds the end of the JSON
 * object with warnings and infos. The caller takes the next piece when the client has room for it, so a large response
 * neither fills the memory nor blocks the thread. The buffers are empty between two pieces, so several responses can be
 * written alternately.
 */
export function* writeQueryAnswer(
  result: QueryResult,
  withStats: boolean,
  options: PieceOptions,
): Generator<ResponsePiece> {
  const out = scratch;
  out.clear();
  const cutter = new PieceWriter(options);
  const take = (last: boolean): ResponsePiece => cutter.cut(out, last);
  out.text(`{"status":"success","data":{"resultType":"${result.type}","result":`);
  switch (result.type) {
    case "scalar":
      out.text(`[${result.time / 1000},"${formatPlain(scalarValue(result))}"]`);
      break;
    case "string":
      out.text(`[${result.time / 1000},${goJson(result.text.toWellFormed())}]`);
      break;
    case "vector":
      yield* writeSeries(result.series, vectorWriter(), out, take);
      break;
    case "matrix":
      yield* writeSeries(result.series, matrixWriter(), out, take);
  }
  if (withStats) out.text(`,"stats":${goJson(result.stats)}`);
  out.text("}");
  yield take(true);
}

type WriteOne = (series: ResultSeries, out: JsonBytes) => void;

function* writeSeries(
  series: readonly ResultSeries[],
  write: WriteOne,
  out: JsonBytes,
  take: (last: boolean) => ResponsePiece,
): Generator<ResponsePiece> {
  out.text("[");
  for (let i = 0; i < series.length; i++) {
    if (i > 0) out.byte(COMMA);
    write(series[i]!, out);
    if (out.length >= PIECE_BYTES) yield take(false);
  }
  out.text("]");
}

/**
 * Returns a function that writes the elements of a vector. Writes only the last sample of a series. Formats a time that
 * several elements share only once.
 */
function vectorWriter(): WriteOne {
  let lastTime = NaN;
  let timeText = "";
  return ({ labels, times, column: { present, values, histograms } }, out) => {
    let slot = present.length - 1;
    while (slot > 0 && present[slot] === ABSENT) slot--;
    if (times[slot] !== lastTime) timeText = formatTime(times[slot]!);
    lastTime = times[slot]!;
    writeMetric(labels, out);
    const histogram = present[slot] === FLOAT ? undefined : histograms?.[slot];
    if (histogram !== undefined) {
      out.text(`,"histogram":[${timeText},${formatHistogram(histogram)}]}`);
      return;
    }
    out.ascii(`,"value":[${timeText},"`);
    out.value(values[slot]!);
    out.ascii('"]}');
  };
}

/** Returns a function that writes the series of a matrix. Formats times that several series share only once. */
function matrixWriter(): WriteOne {
  let shared: Float64Array | undefined;
  let times = EMPTY_TIMES;
  return ({ labels, times: ofSeries, column }, out) => {
    if (ofSeries !== shared) times = writeTimes(ofSeries);
    shared = ofSeries;
    const { present, histograms } = column;
    writeMetric(labels, out);
    if (present.includes(FLOAT)) {
      out.ascii(',"values":[');
      out.samples(column.values, present, times);
      out.ascii("]");
    }
    if (histograms !== undefined) writeHistograms(histograms, present, times, out);
    out.text("}");
  };
}

const EMPTY_TIMES: SampleTimes = { bytes: new Uint8Array(), ends: new Uint32Array(1) };

function writeTimes(times: Float64Array): SampleTimes {
  const out = timesScratch;
  out.clear();
  const ends = new Uint32Array(times.length + 1);
  // Remembers the previous time without its last three digits, because most times differ from the previous time only in
  // these digits.
  let thousands = NaN;
  let digits = "";
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    const seconds = time / 1000;
    if (time >= 1e9 && Number.isInteger(seconds)) {
      const above = Math.floor(seconds / 1000);
      if (above !== thousands) digits = `,[${above}`;
      thousands = above;
      out.ascii(digits);
      out.threeDigits(seconds - above * 1000);
      out.ascii(',"');
    } else out.ascii(`,[${formatTime(time)},"`);
    ends[i + 1] = out.length;
  }
  return { bytes: out.take(), ends };
}

function writeHistograms(
  histograms: readonly (FloatHistogram | undefined)[],
  present: Uint8Array,
  { bytes, ends }: SampleTimes,
  out: JsonBytes,
): void {
  let first = true;
  for (let i = 0; i < present.length; i++) {
    const histogram = present[i] === ABSENT || present[i] === FLOAT ? undefined : histograms[i];
    if (histogram === undefined) continue;
    out.text(first ? `,"histograms":[` : ",");
    first = false;
    // Copies the text of the time, without the comma before it and the quote after it.
    out.copy(bytes, ends[i]! + 1, ends[i + 1]! - 1);
    out.text(`${formatHistogram(histogram)}]`);
  }
  if (!first) out.text("]");
}

function writeMetric(labels: Labels, out: JsonBytes): void {
  out.ascii('{"metric":');
  writeLabels(labels, out);
}

/** Writes labels as JSON. Does not escape `<`, `>` and `&` in label values, unlike in other strings of the API. */
export function writeLabels({ pairs }: Labels, out: JsonBytes): void {
  out.ascii("{");
  for (let i = 0; i < pairs.length; i += 2) {
    if (i > 0) out.byte(COMMA);
    out.quoted(pairs[i]!);
    out.byte(COLON);
    out.quoted(pairs[i + 1]!);
  }
  out.byte(CLOSE);
}

/** Formats a time in ms as seconds, either as an integer or with exactly three decimals. */
export function formatTime(ms: number): string {
  return ms % 1000 === 0 ? String(ms / 1000) : (ms / 1000).toFixed(3);
}

/**
 * Returns Prometheus' code for the bounds of a bucket: 0 = (lower, upper], 1 = [lower, upper), 2 = both exclusive, 3 =
 * both inclusive.
 */
const boundary = (lowerInclusive: boolean, upperInclusive: boolean): number =>
  lowerInclusive ? (upperInclusive ? 3 : 1) : upperInclusive ? 0 : 2;

function formatHistogram(histogram: FloatHistogram): string {
  const buckets = allBuckets(histogram)
    .filter(({ count }) => count !== 0)
    .map(
      ({ lower, upper, lowerInclusive, upperInclusive, count }) =>
        `[${boundary(lowerInclusive, upperInclusive)},"${formatSampleValue(lower)}","${formatSampleValue(upper)}","${formatSampleValue(count)}"]`,
    );
  const tail = buckets.length === 0 ? "" : `,"buckets":[${buckets.join(",")}]`;
  return `{"count":"${formatSampleValue(histogram.count)}","sum":"${formatSampleValue(histogram.sum)}"${tail}}`;
}
