import { type Labels, wordsOf, writeStale } from "@narthex/model";
import { type Clock, runInTimeSlices, type Steps } from "@narthex/runtime";
import {
  type Appendable,
  type Appender,
  createSampleBatch,
  OUTCOME_DUPLICATE,
  OUTCOME_FULL,
  OUTCOME_INVALID_HISTOGRAM,
  OUTCOME_OK,
  OUTCOME_OUT_OF_ORDER,
  OUTCOME_TOO_OLD,
} from "@narthex/storage";
import type { RuleSample } from "./rule-query.ts";
import { SAMPLES_PER_STEP, SampleWriter } from "./sample-writer.ts";
import type { WrittenSeries } from "./written-series.ts";

/** Result of storing the samples of one rule. */
export interface WriteReport {
  /** Series that got a sample. */
  readonly stored: WrittenSeries;
  /** Number of samples that were dropped because they were out of order. */
  readonly outOfOrder: number;
  readonly tooOld: number;
  readonly duplicates: number;
  /** Number of histograms that were dropped because they were inconsistent. */
  readonly invalid: number;
  /**
   * Error of the rule; undefined if all samples were stored. If the storage was full, the reason. Otherwise the error of
   * the last refused sample, as in Prometheus.
   */
  readonly error: string | undefined;
}

/**
 * Stores a rule's samples at the time `timestamp`. Writes stale markers for series of `previous` that get no sample.
 * Uses one transaction, in steps between which the event loop may do other work.
 */
export async function writeResults(
  clock: Clock,
  storage: Appendable,
  samples: readonly RuleSample[],
  previous: WrittenSeries,
  timestamp: number,
): Promise<WriteReport> {
  const counts = new Map<number, number>();
  let stored = previous;
  const error = await transact(clock, storage, function* (appender) {
    const written = new SampleWriter(appender, samples, previous);
    yield* written.append(timestamp);
    const { outcomes } = written;
    for (const outcome of outcomes) if (outcome !== OUTCOME_OK) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    // Keeps the object of the last evaluation if the series are the same. A new one would live until the next
    // evaluation, and garbage that lives so long is expensive.
    if (written.hasChanged || counts.size > 0) {
      stored = written.accepted();
      yield* appendStale(appender, previous.byKey.values(), timestamp, stored.byKey);
    }
    if (counts.has(OUTCOME_FULL)) return appender.refusal ?? "the storage is full";
    return counts.size === 0 ? undefined : written.lastError(timestamp);
  });
  return {
    stored,
    outOfOrder: counts.get(OUTCOME_OUT_OF_ORDER) ?? 0,
    tooOld: counts.get(OUTCOME_TOO_OLD) ?? 0,
    duplicates: counts.get(OUTCOME_DUPLICATE) ?? 0,
    invalid: counts.get(OUTCOME_INVALID_HISTOGRAM) ?? 0,
    error,
  };
}

/**
 * Writes a stale marker for each series. The storage refuses the marker if the series has a newer sample, which is
 * correct.
 */
export async function endSeries(
  clock: Clock,
  storage: Appendable,
  series: readonly Labels[],
  timestamp: number,
): Promise<void> {
  if (series.length === 0) return;
  await transact(clock, storage, (appender) => appendStale(appender, series, timestamp));
}

/**
 * Appends samples in steps, between which the event loop may do other work, and commits. Rolls back if `append` throws.
 */
async function transact<T>(clock: Clock, storage: Appendable, append: (appender: Appender) => Steps<T>): Promise<T> {
  const appender = storage.appender({ discardOutOfOrder: true });
  let result: T;
  try {
    result = await runInTimeSlices(clock, append(appender));
  } catch (cause) {
    appender.rollback();
    throw cause;
  }
  await appender.commit();
  return result;
}

function* appendStale(
  appender: Appender,
  series: Iterable<Labels>,
  timestamp: number,
  except?: ReadonlyMap<string, Labels>,
): Steps<void> {
  let batch = createSampleBatch(SAMPLES_PER_STEP);
  for (const labels of series) {
    if (except?.has(labels.key) !== true) {
      batch.refs[batch.count] = appender.series(labels);
      batch.timestamps[batch.count] = timestamp;
      writeStale(wordsOf(batch.values), batch.count++);
    }
    if (batch.count < SAMPLES_PER_STEP) continue;
    appender.append(batch);
    batch = createSampleBatch(SAMPLES_PER_STEP);
    yield;
  }
  if (batch.count > 0) appender.append(batch);
}
