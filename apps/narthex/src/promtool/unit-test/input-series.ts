import type { Position } from "@narthex/config";
import { type Labels, wordsOf, writeStale } from "@narthex/model";
import { parseSeriesDescription, type SequenceValue } from "@narthex/promql";
import { type Appendable, createSampleBatch } from "@narthex/storage";
import type { InputSeries } from "./test-file.ts";

/** Thrown for invalid input. The message contains the reason. */
export class InputError extends Error {
  override readonly name = "InputError";
  /** Place of the input in the test file, if known. */
  readonly at: Position | undefined;

  constructor(message: string, at: Position | undefined) {
    super(message);
    this.at = at;
  }
}

interface LoadedSeries {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
  /** Number of values stored so far. */
  stored: number;
}

/** Parses one series in the notation of test scripts: `up{job="x"} 0+1x5 _ stale`. Throws InputError. */
export function parseInput(
  text: string,
  at?: Position,
): { readonly labels: Labels; readonly values: readonly SequenceValue[] } {
  const parsed = parseSeriesDescription(text);
  if (parsed.ok) return parsed;
  throw new InputError(parsed.errors[0].toString(), at);
}

/**
 * Stores a test's input samples step by step. Storing all samples at once would fail, because the storage refuses rule
 * results that are much older than its newest sample.
 */
export class InputFeed {
  readonly #series: readonly LoadedSeries[];
  readonly #startMs: number;
  readonly #spacingMs: number;

  constructor(input: readonly InputSeries[], startMs: number, spacingMs: number) {
    this.#series = input.map(({ series, values, at }) => ({ ...parseInput(`${series} ${values}`, at), stored: 0 }));
    this.#startMs = startMs;
    this.#spacingMs = spacingMs;
  }

  /** Stores all samples up to and including `untilMs`. */
  async load(storage: Appendable, untilMs: number): Promise<void> {
    const appender = storage.appender();
    const due = Math.floor((untilMs - this.#startMs) / this.#spacingMs) + 1;
    for (const series of this.#series) {
      const end = Math.min(series.values.length, due);
      const ref = appender.series(series.labels);
      const batch = createSampleBatch(Math.max(0, end - series.stored));
      const words = wordsOf(batch.values);
      for (let i = series.stored; i < end; i++) {
        const value = series.values[i]!;
        const timestamp = this.#startMs + i * this.#spacingMs;
        if (value.kind === "histogram") appender.appendHistogram(ref, timestamp, value.histogram);
        if (value.kind !== "float" && value.kind !== "stale") continue;
        batch.refs[batch.count] = ref;
        batch.timestamps[batch.count] = timestamp;
        if (value.kind === "float") batch.values[batch.count] = value.value;
        else writeStale(words, batch.count);
        batch.count++;
      }
      series.stored = Math.max(series.stored, end);
      appender.append(batch);
    }
    await appender.commit();
  }
}
