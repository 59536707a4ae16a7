import { compareLabels, Labels } from "@narthex/model";
import { type Clock, runInTimeSlices, sortedInSteps, systemClock } from "@narthex/runtime";
import { DecodedBytes, EncodedChunks, SampleColumns, type SeriesSet } from "@narthex/storage";
import { decodeChunk, mergeRuns } from "@narthex/tsdb";

/** Samples of a series from one message. */
type Run = EncodedChunks | SampleColumns;

/** Collects the series of several messages. Series with the same labels are merged. */
export class RemoteSeries {
  readonly #runs = new Map<string, { readonly labels: Labels; readonly runs: Run[] }>();

  /** Number of bytes of messages and chunks that were decoded. The decoding code increases this number. */
  readonly decoded: DecodedBytes;

  constructor(decoded = new DecodedBytes()) {
    this.decoded = decoded;
  }

  /**
   * Adds samples of a series.
   * @param pairs label names and values alternately, in any order
   * @returns the labels
   */
  add(pairs: readonly string[], run: Run): Labels {
    const labels = Labels.of(entriesOf(pairs));
    const known = this.#runs.get(labels.key);
    if (known === undefined) this.#runs.set(labels.key, { labels, runs: [run] });
    else known.runs.push(run);
    return labels;
  }

  addAll(others: RemoteSeries): void {
    for (const [key, { labels, runs }] of others.#runs) {
      const known = this.#runs.get(key);
      if (known === undefined) this.#runs.set(key, { labels, runs });
      else for (const run of runs) known.runs.push(run);
    }
  }

  get labels(): readonly Labels[] {
    return Array.from(this.#runs.values(), ({ labels }) => labels);
  }

  /** Total number of samples of all series in all messages. */
  get samples(): number {
    let count = 0;
    for (const { runs } of this.#runs.values()) for (const run of runs) count += samplesIn(run);
    return count;
  }

  /**
   * Returns the collected series.
   * @param within time range; samples outside it are dropped
   * @param clock measures how long the sorting of series runs without a pause
   */
  async toSet(
    warnings: readonly string[],
    within: { readonly start: number; readonly end: number } = ALWAYS,
    clock: Clock = systemClock,
  ): Promise<SeriesSet> {
    const order = sortedInSteps([...this.#runs.values()], (a, b) => compareLabels(a.labels, b.labels));
    const series = await runInTimeSlices(clock, order);
    const scratch = new SampleColumns(0);
    const { decoded } = this;
    return {
      labels: series.map(({ labels }) => labels),
      warnings,
      read(index, minTime, maxTime, into) {
        into.reset();
        const [from, to] = [Math.max(minTime, within.start), Math.min(maxTime, within.end)];
        for (const run of series[index]!.runs) decoded.count += appendRun(run, from, to, into, scratch);
      },
    };
  }
}

const ALWAYS = { start: -Infinity, end: Infinity };

/** Returns the number of samples in the data of one message. A chunk begins with this number in all encodings. */
function samplesIn(run: Run): number {
  if (run instanceof SampleColumns) return run.count;
  let count = 0;
  for (let i = 0; i < run.count; i++) count += (run.bytes[run.start[i]!]! << 8) | run.bytes[run.start[i]! + 1]!;
  return count;
}

const entriesOf = (pairs: readonly string[]): [string, string][] =>
  Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[i * 2]!, pairs[i * 2 + 1]!]);

/** Appends the samples from one message that are in a time range. Returns how many bytes of chunks were decoded. */
function appendRun(run: Run, minTime: number, maxTime: number, into: SampleColumns, scratch: SampleColumns): number {
  if (run instanceof SampleColumns) {
    const { count } = into;
    for (let i = 0; i < run.count; i++) {
      const time = run.timestamps[i]!;
      if (time >= minTime && time <= maxTime) into.pushFrom(run, i);
    }
    putInOrder(into, count, scratch);
    return 0;
  }
  const { bytes, start, end, encoding } = run;
  let decoded = 0;
  for (let i = 0; i < run.count; i++) {
    if (run.maxTime[i]! < minTime || run.minTime[i]! > maxTime) continue;
    const { count } = into;
    decodeChunk({ bytes, start: start[i]!, end: end[i]!, encoding: encoding[i]! }, minTime, maxTime, into);
    decoded += end[i]! - start[i]!;
    putInOrder(into, count, scratch);
  }
  return decoded;
}

/**
 * Merges the samples from index `from` on into the earlier samples, sorted by time. Rarely needed, because messages are
 * usually in order.
 */
function putInOrder(into: SampleColumns, from: number, scratch: SampleColumns): void {
  const { timestamps, count } = into;
  if (from > 0 && from < count && timestamps[from]! <= timestamps[from - 1]!) mergeRuns(into, from, scratch);
}
