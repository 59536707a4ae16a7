import { ByteMap } from "@narthex/bytes";
import { compareLabels, type FloatHistogram, type Labels } from "@narthex/model";
import type { BlockSeriesSource, EncodedChunk } from "../block/block-source.ts";
import { HistogramWriter } from "../chunk/histogram.ts";
import { sameBounds, sameSpans } from "../chunk/histogram-shape.ts";
import { XorWriter } from "../chunk/xor.ts";

export type ListedSample = readonly [time: number, value: number | FloatHistogram];

export interface ListedSeries {
  readonly labels: Labels;
  /** Samples in order of time. */
  readonly samples: readonly ListedSample[];
}

/**
 * Block source with series that a test lists. Their chunks are short and end when the kind or the shape of samples
 * changes.
 */
export class ListedSource implements BlockSeriesSource {
  readonly symbols = new ByteMap();
  labels = new Uint32Array(0);
  labelCount = 0;
  chunk: EncodedChunk = { minTime: 0, maxTime: 0, encoding: 0, bytes: new Uint8Array(0), start: 0, end: 0 };
  readonly #series: readonly ListedSeries[];
  readonly #samplesPerChunk: number;
  #at = -1;
  #chunks: EncodedChunk[] = [];

  constructor(series: readonly ListedSeries[], samplesPerChunk = 7) {
    this.#series = series.toSorted((a, b) => compareLabels(a.labels, b.labels));
    this.#samplesPerChunk = samplesPerChunk;
  }

  next(): boolean {
    const series = this.#series[++this.#at];
    if (series === undefined) return false;
    this.labels = Uint32Array.from(series.labels.pairs, (text) => {
      const bytes = new TextEncoder().encode(text);
      return this.symbols.add(bytes, 0, bytes.length);
    });
    this.labelCount = series.labels.size;
    this.#chunks = encode(series.samples, this.#samplesPerChunk);
    return true;
  }

  nextChunk(): boolean {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) this.chunk = chunk;
    return chunk !== undefined;
  }
}

function encode(samples: readonly ListedSample[], most: number): EncodedChunk[] {
  const runs: ListedSample[][] = [];
  for (const sample of samples) {
    const run = runs.at(-1);
    if (run !== undefined && run.length < most && belongs(run.at(-1)![1], sample[1])) run.push(sample);
    else runs.push([sample]);
  }
  return runs.map((run) => {
    const { encoding, bytes } = typeof run[0]![1] === "number" ? floatChunk(run) : histogramChunk(run);
    return { minTime: run[0]![0], maxTime: run.at(-1)![0], encoding, bytes, start: 0, end: bytes.length };
  });
}

function belongs(before: number | FloatHistogram, after: number | FloatHistogram): boolean {
  if (typeof before === "number" || typeof after === "number") return typeof before === typeof after;
  return (
    before.integer === after.integer &&
    before.schema === after.schema &&
    before.zeroThreshold === after.zeroThreshold &&
    (before.resetHint === "gauge") === (after.resetHint === "gauge") &&
    sameSpans(before.positiveSpans, after.positiveSpans) &&
    sameSpans(before.negativeSpans, after.negativeSpans) &&
    sameBounds(before, after)
  );
}

function floatChunk(run: readonly ListedSample[]): { encoding: number; bytes: Uint8Array } {
  const writer = new XorWriter();
  writer.begin(new Uint8Array(64 + run.length * 20), 0);
  const value = new Float64Array(1);
  const words = new Uint32Array(value.buffer);
  for (const [time, number] of run) {
    value[0] = number as number;
    writer.append(time, words[1]!, words[0]!);
  }
  return { encoding: 1, bytes: writer.bytes.slice(0, writer.byteLength) };
}

function histogramChunk(run: readonly ListedSample[]): { encoding: number; bytes: Uint8Array } {
  const first = run[0]![1] as FloatHistogram;
  const header = first.resetHint === "gauge" ? "gauge" : "unknown";
  const writer = new HistogramWriter(first, header, first.integer === true);
  for (const [time, histogram] of run) writer.append(time, histogram as FloatHistogram);
  return { encoding: writer.integer ? 2 : 3, bytes: writer.buffer.bytes.slice(0, writer.buffer.byteLength) };
}
