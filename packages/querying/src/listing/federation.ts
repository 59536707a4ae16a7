import { openFamilyWriter, type FamilyWriter, type MetricType } from "@narthex/exposition";
import { compareBytewise, type FloatHistogram, isStaleAt, METRIC_NAME, usesCustomBuckets } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { type ResponsePiece, PIECE_BYTES, PieceWriter } from "../response/response-pieces.ts";
import { JsonBytes } from "../response/json-bytes.ts";
import type { JobContext } from "../evaluation/job-context.ts";
import type { FederationListing } from "./listing.ts";
import { type SeriesSelection, selectSeries, labelsAt } from "./series-selection.ts";
import type { ListingResult, ListingContext } from "./listing-context.ts";

/** Memory in bytes that a sample needs until it is written to the response. */
const SAMPLE_BYTES = 28;

/** The newest sample of each series that has samples, as parallel arrays. */
interface NewestSamples {
  count: number;
  /** Index of the series of each sample. */
  readonly series: Uint32Array;
  /** Index of each sample's metric name in the list `names`, which is in the order of first occurrence. */
  readonly name: Uint32Array;
  readonly names: readonly string[];
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histograms: ReadonlyMap<number, FloatHistogram>;
}

interface FoundSamples {
  readonly chosen: SeriesSelection;
  readonly samples: NewestSamples;
  /** Indexes of the samples in the order of the output. */
  readonly order: Uint32Array;
}

/**
 * Writes the newest sample of each series in the text format, so that another server can scrape it (federation). Sorted
 * by metric name and then by labels.
 */
export async function listFederation(listing: FederationListing, context: ListingContext): Promise<ListingResult> {
  const { start, end } = listing;
  const { job } = context;
  // Drops selectors without matchers, because such a selector selects no series, as everywhere in Prometheus.
  const selectors = context.selectors.filter((matchers) => matchers.length > 0);
  if (selectors.length === 0) return { warnings: [], pieces: () => piecesOf(listing, undefined, job) };
  const chosen = await selectSeries({ ...context, selectors }, { start, end }, { limit: Infinity });
  const samples = await readNewest(chosen, listing, context);
  const order = inOrderOfNames(samples);
  return {
    warnings: chosen.sets.flatMap((set) => set.warnings),
    pieces: () => piecesOf(listing, { chosen, samples, order }, job),
  };
}

async function readNewest(
  chosen: SeriesSelection,
  { start, end, format }: FederationListing,
  { yieldToEventLoop, job }: ListingContext,
): Promise<NewestSamples> {
  job.charge.take(SAMPLE_BYTES * chosen.count);
  const columns = new SampleColumns();
  const numbers = new Map<string, number>();
  const names: string[] = [];
  const histograms = new Map<number, FloatHistogram>();
  const samples = {
    count: 0,
    series: new Uint32Array(chosen.count),
    name: new Uint32Array(chosen.count),
    names,
    times: new Float64Array(chosen.count),
    values: new Float64Array(chosen.count),
    histograms,
  };
  for (let i = 0; i < chosen.count; i++) {
    const pause = i % 64 === 63 ? yieldToEventLoop() : undefined;
    if (pause !== undefined) await pause;
    readOne(chosen, i, start, end, columns);
    const last = columns.count - 1;
    const histogram = columns.histograms?.[last];
    if (last < 0) continue;
    if (histogram === undefined ? isStaleAt(columns.valueWords, last) : histogram.stale === true) continue;
    // Skips histograms that the format cannot represent. A histogram with custom bounds is written as a classic
    // histogram, which all formats can represent.
    if (histogram !== undefined && format.format !== "protobuf" && !usesCustomBuckets(histogram)) continue;
    const name = nameAt(chosen, i);
    if (name === "") continue;
    let number = numbers.get(name);
    if (number === undefined) {
      numbers.set(name, (number = names.length));
      names.push(name);
    }
    const at = samples.count++;
    samples.series[at] = i;
    samples.name[at] = number;
    samples.times[at] = columns.timestamps[last]!;
    samples.values[at] = columns.values[last]!;
    if (histogram !== undefined) histograms.set(at, histogram);
  }
  return samples;
}

function readOne({ sets, of, at }: SeriesSelection, i: number, start: number, end: number, into: SampleColumns): void {
  const set = sets[of === undefined ? 0 : of[i]!]!;
  const index = at === undefined ? i : at[i]!;
  if (set.readNewest === undefined) set.read(index, start, end, into);
  else set.readNewest(index, start, end, into);
}

function nameAt({ sets, of, at }: SeriesSelection, i: number): string {
  const set = sets[of === undefined ? 0 : of[i]!]!;
  const index = at === undefined ? i : at[i]!;
  return set.labelSets?.value(index, METRIC_NAME) ?? set.labels[index]!.get(METRIC_NAME);
}

/** Returns the indexes of the samples, sorted by metric name. Samples with the same name keep their order. */
function inOrderOfNames({ names, name, count }: NewestSamples): Uint32Array {
  const sorted = Array.from(names, (_, i) => i).sort((a, b) => compareBytewise(names[a]!, names[b]!));
  const next = new Uint32Array(names.length);
  for (let i = 0; i < count; i++) next[name[i]!]!++;
  let before = 0;
  for (const number of sorted) {
    const own = next[number]!;
    next[number] = before;
    before += own;
  }
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[next[name[i]!]!++] = i;
  return order;
}

function* piecesOf(
  { format, externalLabels }: FederationListing,
  found: FoundSamples | undefined,
  job: JobContext,
): Generator<ResponsePiece> {
  const { charge } = job;
  const out = new JsonBytes(4096);
  const cutter = new PieceWriter(job);
  const writer = openFamilyWriter(format.format === "protobuf" ? "protobuf" : "text", format.escaping);
  let held = 0;
  const charged = (): void => {
    charge.take(Math.max(0, writer.held - held));
    charge.give(Math.max(0, held - writer.held));
    held = writer.held;
  };
  if (found !== undefined) {
    for (const _ of familiesOf(found, externalLabels, writer)) {
      if (writer.held - held >= PIECE_BYTES) charged();
      if (writer.length >= PIECE_BYTES) yield* cuts(writer.take(), out, cutter);
    }
  }
  writer.end();
  yield* cuts(writer.take(), out, cutter);
  yield cutter.cut(out, true);
}

/** Yields the written bytes in pieces of at least PIECE_BYTES. The remaining bytes stay in `out`. */
function* cuts(bytes: Uint8Array, out: JsonBytes, cutter: PieceWriter): Generator<ResponsePiece> {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    out.bytes(bytes.subarray(from, from + PIECE_BYTES));
    if (out.length >= PIECE_BYTES) yield cutter.cut(out, false);
  }
}

/** Yields the output in pieces. Samples are grouped by metric name and type. */
function* familiesOf(
  { chosen, samples, order }: FoundSamples,
  externalLabels: readonly string[],
  writer: FamilyWriter,
): Generator<undefined> {
  const { series, name, names, times, values, histograms } = samples;
  let family = "";
  for (const at of order) {
    const histogram = histograms.get(at);
    const type = typeOf(histogram);
    // Begins a new metric family if the type changes. A metric name may have floats and histograms, and consecutive
    // samples of one type form a family.
    const next = `${type} ${name[at]!}`;
    if (next !== family) writer.begin(names[name[at]!]!, type);
    family = next;
    writer.add({
      labels: federatedLabels(labelsAt(chosen, series[at]!).pairs, externalLabels),
      value: values[at]!,
      timestampMs: times[at]!,
      // Writes histograms with float counts, as Prometheus does, even if they were scraped with integer counts.
      histogram: histogram === undefined ? undefined : { ...histogram, integer: false },
    });
    yield;
  }
}

function typeOf(histogram: FloatHistogram | undefined): MetricType {
  if (histogram === undefined) return "unknown";
  return histogram.resetHint === "gauge" ? "gaugehistogram" : "histogram";
}

/**
 * Returns the labels of a series together with the external labels that it does not have yet. Adds an empty instance
 * label if it is missing, so that the scraping server does not add its own instance label.
 */
function federatedLabels(own: readonly string[], external: readonly string[]): string[] {
  const pairs: string[] = [];
  for (let i = 0; i < own.length; i += 2) if (own[i] !== METRIC_NAME) pairs.push(own[i]!, own[i + 1]!);
  for (let i = 0; i < external.length; i += 2) {
    if (!has(own, external[i]!)) pairs.push(external[i]!, external[i + 1]!);
  }
  return pairs;
}

function has(labels: readonly string[], name: string): boolean {
  for (let i = 0; i < labels.length; i += 2) if (labels[i] === name) return true;
  return false;
}
