import { EnvelopeCutter, JsonCursor, JsonProblem } from "@narthex/http/answer";
import { Labels, type Matcher, matchesAll } from "@narthex/model";
import { type Clock, runInTimeSlices, type Steps, systemClock } from "@narthex/runtime";
import { DecodedBytes, SampleColumns } from "@narthex/storage";
import { readAnswer } from "../../remote-read/source/read-answer.ts";
import type { RemoteAnswer } from "../../remote-read/source/remote-reader.ts";
import { RemoteSeries } from "../../remote-read/source/remote-series.ts";
import { LineCutter } from "./line-cutter.ts";
import { readPairs, SeriesSamples, type DecodedSeries } from "./series-samples.ts";

/** Memory in bytes of a series without its samples and the texts of its labels. */
const SERIES_BYTES = 512;
const SAMPLE_BYTES = 16;
/** Memory in bytes that a character of a string needs at most. */
const CHAR_BYTES = 2;
/** Approximate memory in bytes of a label name or value. */
const WORD_BYTES = 64;
/** Tolerance in ms for times at the ends of the requested range. */
const SLACK_MS = 1;
/** Numbers of samples and of series after which the reader checks whether other work should run. */
const [SAMPLES_A_STEP, SERIES_A_STEP] = [4096, 256];
const NO_SAMPLES = new SampleColumns(0);

/** The part of a request to the long-term store that is needed for reading the response. */
export interface StoreSelection {
  /** Start and end of the range, epoch ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly matchers: readonly Matcher[];
  /** Takes memory for the data that is read. Throws if too little is left. */
  readonly take: (bytes: number) => void;
  /** Clock for measuring how long the thread was occupied; by default the system's clock. */
  readonly clock?: Clock;
}

/** The series in a response of the long-term store, and the store's warnings. */
export interface StoreSeries {
  readonly series: RemoteSeries;
  readonly warnings: readonly string[];
}

const NO_HISTOGRAMS = "it has native histograms, which cannot be read by its query API and are missing";

/**
 * Reads samples to the end of the response. `decoded` counts its bytes. Rejects with a sentence if the response does
 * not have the expected form.
 */
export async function readStoreSamples(
  answer: RemoteAnswer,
  selection: StoreSelection,
  decoded = new DecodedBytes(),
): Promise<StoreSeries> {
  const series = new RemoteSeries(decoded);
  let warnings: readonly string[] = [];
  if (answer.form === "lines") await readLines(answer, selection, series);
  else if (answer.form === "matrix") warnings = await readMatrix(answer, selection, series);
  else {
    await readAnswer(answer, series, selection.take, selection.clock);
    await runInTimeSlices(selection.clock ?? systemClock, checkingAll(series.labels, selection));
  }
  return { series, warnings };
}

/** Reads the labels of series to the end of the response. */
export async function readStoreLabelSets(answer: RemoteAnswer, selection: StoreSelection): Promise<StoreSeries> {
  const series = new RemoteSeries();
  const warnings = await readElements(answer, ["data"], selection.take, (bytes) => {
    const json = new JsonCursor(bytes);
    const pairs = without(answer.added, readPairs(json));
    json.end();
    selection.take(seriesBytes(pairs));
    checkLabels(series.add(pairs, NO_SAMPLES), selection);
  });
  return { series, warnings };
}

/** Reads label names or values to the end of the response. */
export async function readStoreWords(
  answer: RemoteAnswer,
  take: (bytes: number) => void,
): Promise<{ readonly words: readonly string[]; readonly warnings: readonly string[] }> {
  const words: string[] = [];
  const warnings = await readElements(answer, ["data"], take, (bytes) => {
    const json = new JsonCursor(bytes);
    const word = json.string();
    json.end();
    take(WORD_BYTES + CHAR_BYTES * word.length);
    words.push(word);
  });
  return { words, warnings };
}

async function readLines(answer: RemoteAnswer, selection: StoreSelection, into: RemoteSeries): Promise<void> {
  const cutter = new LineCutter(selection.take);
  const reader = new SeriesSamples(selection.take);
  for await (const piece of answer.body) {
    for (const line of cutter.push(piece)) {
      into.decoded.count += line.length;
      await addSeries(reader.line(line), answer, selection, into);
    }
  }
  cutter.end();
}

async function readMatrix(
  answer: RemoteAnswer,
  selection: StoreSelection,
  into: RemoteSeries,
): Promise<readonly string[]> {
  const cutter = new EnvelopeCutter(["data", "result"], selection.take);
  const reader = new SeriesSamples(selection.take);
  let hasHistograms = false;
  for await (const piece of answer.body) {
    for (const element of cutter.push(piece)) {
      into.decoded.count += element.length;
      const decoded = await addSeries(reader.element(element), answer, selection, into);
      hasHistograms ||= decoded.hasHistograms;
    }
  }
  const { status, error, resultType, warnings } = cutter.end();
  if (status !== "success") throw new JsonProblem(`the answer says ${status || "nothing"}: ${error}`);
  if (resultType !== "matrix") throw new JsonProblem(`the answer is no matrix, but "${resultType}"`);
  return hasHistograms ? [...warnings, NO_HISTOGRAMS] : warnings;
}

/** Calls `visit` for each element of a list in the response. Returns the warnings of the response. */
async function readElements(
  { body }: RemoteAnswer,
  path: readonly string[],
  take: (bytes: number) => void,
  each: (bytes: Uint8Array) => void,
): Promise<readonly string[]> {
  const cutter = new EnvelopeCutter(path, take);
  for await (const piece of body) for (const element of cutter.push(piece)) each(element);
  const { status, error, warnings } = cutter.end();
  if (status !== "success") throw new JsonProblem(`the answer says ${status || "nothing"}: ${error}`);
  return warnings;
}

/** Adds a series of the response, with the samples that are in the requested range. */
async function addSeries(
  steps: Steps<DecodedSeries>,
  { added }: RemoteAnswer,
  selection: StoreSelection,
  into: RemoteSeries,
): Promise<DecodedSeries> {
  const decoded = await runInTimeSlices(selection.clock ?? systemClock, steps);
  const { count } = decoded.samples;
  if (count === 0) return decoded;
  const pairs = without(added, decoded.pairs);
  selection.take(seriesBytes(pairs) + SAMPLE_BYTES * count);
  const kept = await runInTimeSlices(selection.clock ?? systemClock, keptOf(decoded.samples, selection));
  checkLabels(into.add(pairs, kept), selection);
  return decoded;
}

/** Copies samples and drops repeated times. A store may have samples twice if they were sent twice. */
function* keptOf(samples: SampleColumns, { start, end }: StoreSelection): Steps<SampleColumns> {
  const { timestamps, valueWords, count } = samples;
  const kept = new SampleColumns(count);
  let last = -Infinity;
  for (let i = 0; i < count; i++) {
    if (i % SAMPLES_A_STEP === SAMPLES_A_STEP - 1) yield;
    const time = timestamps[i]!;
    // Keeps only the first of several samples with the same time. Prometheus also refuses the later ones.
    if (time === last) continue;
    if (!(time > last)) throw new JsonProblem("samples are not in order of time");
    if (!(time >= start - SLACK_MS && time <= end + SLACK_MS))
      throw new JsonProblem("samples are of other times than were asked for");
    kept.pushFloat(time, valueWords, i);
    last = time;
  }
  return kept;
}

/** Returns the memory of a series in bytes. The texts of its labels count twice: for the labels and for their key. */
function seriesBytes(pairs: readonly string[]): number {
  let chars = 0;
  for (const text of pairs) chars += text.length;
  return SERIES_BYTES + 2 * CHAR_BYTES * chars;
}

/** Returns label pairs without the labels in `names`. */
function without(names: readonly string[], pairs: readonly string[]): readonly string[] {
  if (names.length === 0) return pairs;
  const kept: string[] = [];
  for (let i = 0; i < pairs.length; i += 2) if (!names.includes(pairs[i]!)) kept.push(pairs[i]!, pairs[i + 1]!);
  return kept;
}

function checkLabels(labels: Labels, { matchers }: StoreSelection): void {
  if (matchesAll(matchers, labels)) return;
  throw new JsonProblem(`the series ${String(labels)} is not one that was asked for`);
}

function* checkingAll(list: readonly Labels[], selection: StoreSelection): Steps<void> {
  for (const [i, labels] of list.entries()) {
    if (i % SERIES_A_STEP === SERIES_A_STEP - 1) yield;
    checkLabels(labels, selection);
  }
}
