import { allBuckets, type FloatHistogram, formatPlain, formatSampleValue, goJson, type Labels } from "@narthex/model";
import { forEachSample, type QueryResult, type ResultSeries, scalarValue } from "@narthex/promql";

/** Characters gathered before a piece is handed to the socket. */
const PIECE = 64 * 1024;

/**
 * The answer of a query in pieces, columns to JSON without an object per sample, up to the envelope's tail: warnings and
 * infos are told apart from it. The caller takes the next piece when the client has room, so that a large answer neither
 * fills memory nor holds up the thread.
 */
export function* writeQueryAnswer(result: QueryResult, withStats: boolean): Generator<string> {
  let piece = `{"status":"success","data":{"resultType":"${result.type}","result":`;
  for (const part of resultParts(result)) {
    piece += part;
    if (piece.length >= PIECE) {
      yield piece;
      piece = "";
    }
  }
  if (withStats) piece += `,"stats":${goJson(result.stats)}`;
  yield `${piece}}`;
}

function* resultParts(result: QueryResult): Generator<string> {
  switch (result.type) {
    case "scalar":
      yield `[${result.time / 1000},"${formatPlain(scalarValue(result))}"]`;
      return;
    case "string":
      yield `[${result.time / 1000},${goJson(result.text)}]`;
      return;
    case "vector":
      yield* separated(result.series, writeVectorElement);
      return;
    case "matrix":
      yield* separated(result.series, matrixWriter());
  }
}

function* separated(series: readonly ResultSeries[], write: (one: ResultSeries) => string): Generator<string> {
  yield "[";
  let first = true;
  for (const one of series) {
    yield first ? write(one) : `,${write(one)}`;
    first = false;
  }
  yield "]";
}

function writeVectorElement(series: ResultSeries): string {
  let sample = "";
  forEachSample(series, (time, value, histogram) => {
    sample =
      histogram === undefined
        ? `"value":[${formatTime(time)},"${formatSampleValue(value)}"]`
        : `"histogram":[${formatTime(time)},${formatHistogram(histogram)}]`;
  });
  return `{"metric":${formatMetric(series.labels)},${sample}}`;
}

/** Writes matrix rows; times that series share are formatted once. */
function matrixWriter(): (series: ResultSeries) => string {
  let times: Float64Array | undefined;
  let texts: string[] = [];
  return (series) => {
    if (series.times !== times) {
      times = series.times;
      texts = Array.from(times, formatTime);
    }
    const { present, values, histograms } = series.column;
    let floats = "";
    let natives = "";
    for (let i = 0; i < present.length; i++) {
      if (present[i] === 0) continue;
      const histogram = histograms?.[i];
      if (present[i] === 1 || histogram === undefined)
        floats += `${floats === "" ? "" : ","}[${texts[i]!},"${formatSampleValue(values[i]!)}"]`;
      else natives += `${natives === "" ? "" : ","}[${texts[i]!},${formatHistogram(histogram)}]`;
    }
    const parts = [`"metric":${formatMetric(series.labels)}`];
    if (floats !== "") parts.push(`"values":[${floats}]`);
    if (natives !== "") parts.push(`"histograms":[${natives}]`);
    return `{${parts.join(",")}}`;
  };
}

/** Label values are not HTML-escaped here, unlike all other strings of the API. */
const formatMetric = (labels: Labels): string => {
  let out = "";
  for (const [name, value] of labels) out += `${out === "" ? "" : ","}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return `{${out}}`;
};

/** Seconds: whole, or with exactly three decimals. */
export function formatTime(ms: number): string {
  return ms % 1000 === 0 ? String(ms / 1000) : (ms / 1000).toFixed(3);
}

/** 0 = (lower, upper], 1 = [lower, upper), 2 = open, 3 = closed on both sides. */
const boundary = (lowerInclusive: boolean, upperInclusive: boolean): number =>
  lowerInclusive ? (upperInclusive ? 3 : 1) : upperInclusive ? 0 : 2;

export function formatHistogram(histogram: FloatHistogram): string {
  const buckets = allBuckets(histogram)
    .filter(({ count }) => count !== 0)
    .map(
      ({ lower, upper, lowerInclusive, upperInclusive, count }) =>
        `[${boundary(lowerInclusive, upperInclusive)},"${formatSampleValue(lower)}","${formatSampleValue(upper)}","${formatSampleValue(count)}"]`,
    );
  const tail = buckets.length === 0 ? "" : `,"buckets":[${buckets.join(",")}]`;
  return `{"count":"${formatSampleValue(histogram.count)}","sum":"${formatSampleValue(histogram.sum)}"${tail}}`;
}
