import { Labels, type Matcher, matchesAll } from "@narthex/model";
import { runInTimeSlices, type Steps, systemClock } from "@narthex/runtime";
import { SampleColumns } from "@narthex/storage";
import { readAnswer } from "../../remote-read/source/read-answer.ts";
import type { RemoteAnswer } from "../../remote-read/source/remote-reader.ts";
import { RemoteSeries } from "../../remote-read/source/remote-series.ts";
import { EnvelopeCutter } from "./envelope-cutter.ts";
import { JsonCursor, JsonProblem } from "./json-cursor.ts";
import { LineCutter } from "./line-cutter.ts";
import { readPairs, SeriesSamples, type ToldSeries } from "./series-samples.ts";

/** What a series takes beside its samples and the texts of its labels. */
const SERIES_BYTES = 512;
const SAMPLE_BYTES = 16;
/** What a word takes, roughly. */
const WORD_BYTES = 64;
/** Times of a range are exact to this. */
const SLACK_MS = 1;

/** What a store was asked for. */
export interface StoreQuestion {
  /** ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly matchers: readonly Matcher[];
  /** Takes memory for what is read; throws where there is none. */
  readonly take: (bytes: number) => void;
}

/** Series of an answer, and what the store remarks. */
export interface StoreSeries {
  readonly series: RemoteSeries;
  readonly warnings: readonly string[];
}

const NO_HISTOGRAMS = "it has native histograms, which cannot be read by its query API and are missing";

/** Reads samples to the end of the answer. Rejects with a sentence where they are not what was asked for. */
export async function readStoreSamples(answer: RemoteAnswer, question: StoreQuestion): Promise<StoreSeries> {
  const series = new RemoteSeries();
  let warnings: readonly string[] = [];
  if (answer.form === "lines") await readLines(answer, question, series);
  else if (answer.form === "matrix") warnings = await readMatrix(answer, question, series);
  else await readAnswer(answer, series, question.take);
  checkLabels(series.labels, question);
  return { series, warnings };
}

/** Reads label sets to the end of the answer. */
export async function readStoreLabelSets(answer: RemoteAnswer, question: StoreQuestion): Promise<StoreSeries> {
  const series = new RemoteSeries();
  const warnings = await readElements(answer, ["data"], question.take, (bytes) => {
    const json = new JsonCursor(bytes);
    const pairs = without(answer.added, readPairs(json));
    json.end();
    question.take(SERIES_BYTES);
    series.add(pairs, new SampleColumns(0));
  });
  checkLabels(series.labels, question);
  return { series, warnings };
}

/** Reads names or values to the end of the answer. */
export async function readStoreWords(
  answer: RemoteAnswer,
  take: (bytes: number) => void,
): Promise<{ readonly words: readonly string[]; readonly warnings: readonly string[] }> {
  const words: string[] = [];
  const warnings = await readElements(answer, ["data"], take, (bytes) => {
    const json = new JsonCursor(bytes);
    words.push(json.string());
    json.end();
    take(WORD_BYTES + bytes.length);
  });
  return { words, warnings };
}

async function readLines(answer: RemoteAnswer, question: StoreQuestion, into: RemoteSeries): Promise<void> {
  const cutter = new LineCutter(question.take);
  const reader = new SeriesSamples();
  for await (const piece of answer.body) {
    for (const line of cutter.push(piece)) await addSeries(reader.line(line), answer, question, into);
  }
  cutter.end();
}

async function readMatrix(
  answer: RemoteAnswer,
  question: StoreQuestion,
  into: RemoteSeries,
): Promise<readonly string[]> {
  const cutter = new EnvelopeCutter(["data", "result"], question.take);
  const reader = new SeriesSamples();
  let hasHistograms = false;
  for await (const piece of answer.body) {
    for (const element of cutter.push(piece)) {
      const told = await addSeries(reader.element(element), answer, question, into);
      hasHistograms ||= told.hasHistograms;
    }
  }
  const { status, error, resultType, warnings } = cutter.end();
  if (status !== "success") throw new JsonProblem(`the answer says ${status || "nothing"}: ${error}`);
  if (resultType !== "matrix") throw new JsonProblem(`the answer is no matrix, but "${resultType}"`);
  return hasHistograms ? [...warnings, NO_HISTOGRAMS] : warnings;
}

/** Calls back with each element of a list; gives the warnings around it. */
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

/** Reads a series and keeps what of it is in the range. */
async function addSeries(
  steps: Steps<ToldSeries>,
  { added }: RemoteAnswer,
  { start, end, take }: StoreQuestion,
  into: RemoteSeries,
): Promise<ToldSeries> {
  const told = await runInTimeSlices(systemClock, steps);
  const { samples, pairs } = told;
  const { timestamps, count } = samples;
  for (let i = 0; i < count; i++) {
    const time = timestamps[i]!;
    if (i > 0 && !(time > timestamps[i - 1]!)) throw new JsonProblem("samples are not in order of time");
    if (!(time >= start - SLACK_MS && time <= end + SLACK_MS))
      throw new JsonProblem("samples are of other times than were asked for");
  }
  if (count === 0) return told;
  take(SERIES_BYTES + SAMPLE_BYTES * count);
  const kept = new SampleColumns(count);
  kept.timestamps.set(timestamps.subarray(0, count));
  kept.valueWords.set(samples.valueWords.subarray(0, 2 * count));
  kept.count = count;
  into.add(without(added, pairs), kept);
  return told;
}

/** A label set without the labels of these names. */
function without(names: readonly string[], pairs: readonly string[]): readonly string[] {
  if (names.length === 0) return pairs;
  const kept: string[] = [];
  for (let i = 0; i < pairs.length; i += 2) if (!names.includes(pairs[i]!)) kept.push(pairs[i]!, pairs[i + 1]!);
  return kept;
}

function checkLabels(list: readonly Labels[], { matchers }: StoreQuestion): void {
  const odd = list.find((labels) => !matchesAll(matchers, labels));
  if (odd !== undefined) throw new JsonProblem(`the series ${String(odd)} is not one that was asked for`);
}
