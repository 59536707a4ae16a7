import { type Labels, wordsOf, writeStale } from "@narthex/model";
import {
  type Appendable,
  createSampleBatch,
  OUTCOME_DUPLICATE,
  OUTCOME_FULL,
  OUTCOME_OK,
  OUTCOME_OUT_OF_ORDER,
  OUTCOME_TOO_OLD,
} from "@narthex/storage";
import type { RuleSample } from "./rule-query.ts";

/** What became of one rule's output. */
export interface WriteReport {
  /** Series that were stored, by key. */
  readonly stored: ReadonlyMap<string, Labels>;
  /** Dropped samples by reason. */
  readonly outOfOrder: number;
  readonly tooOld: number;
  readonly duplicates: number;
  /** Why the storage had no room for some; undefined when it had. */
  readonly refusal: string | undefined;
}

/** Upstream's words for a dropped sample. */
const REASONS: Readonly<Record<number, string>> = {
  [OUTCOME_OUT_OF_ORDER]: "out of order sample",
  [OUTCOME_TOO_OLD]: "too old sample",
  [OUTCOME_DUPLICATE]: "duplicate sample for timestamp",
};

/** The first reason a report holds; undefined when nothing was dropped. */
export function droppedReason(report: WriteReport): string | undefined {
  if (report.refusal !== undefined) return report.refusal;
  if (report.outOfOrder > 0) return REASONS[OUTCOME_OUT_OF_ORDER];
  if (report.tooOld > 0) return REASONS[OUTCOME_TOO_OLD];
  return report.duplicates > 0 ? REASONS[OUTCOME_DUPLICATE] : undefined;
}

/**
 * Stores a rule's samples at `timestamp`, and ends the series of `previous` that are not among them with a stale
 * marker, in one transaction.
 */
export async function writeResults(
  storage: Appendable,
  samples: readonly RuleSample[],
  previous: ReadonlyMap<string, Labels>,
  timestamp: number,
): Promise<WriteReport> {
  const stored = new Map<string, Labels>();
  const counts = new Map<number, number>();
  const count = (outcome: number, labels: Labels): void => {
    if (outcome === OUTCOME_OK) stored.set(labels.key, labels);
    else counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  };
  const appender = storage.appender({ discardOutOfOrder: true });
  const floats = samples.filter((sample) => sample.histogram === undefined);
  const batch = createSampleBatch(floats.length);
  for (const [i, sample] of floats.entries()) {
    batch.refs[i] = appender.series(sample.labels);
    batch.timestamps[i] = timestamp;
    batch.values[i] = sample.value;
  }
  batch.count = floats.length;
  if (batch.count > 0) appender.append(batch);
  for (const [i, sample] of floats.entries()) count(batch.outcomes[i]!, sample.labels);
  for (const { labels, histogram } of samples) {
    if (histogram !== undefined) count(appender.appendHistogram(appender.series(labels), timestamp, histogram), labels);
  }
  appendStale(
    appender,
    [...previous.values()].filter(({ key }) => !stored.has(key)),
    timestamp,
  );
  const refusal = counts.has(OUTCOME_FULL) ? (appender.refusal ?? "the storage is full") : undefined;
  await appender.commit();
  return {
    stored,
    outOfOrder: counts.get(OUTCOME_OUT_OF_ORDER) ?? 0,
    tooOld: counts.get(OUTCOME_TOO_OLD) ?? 0,
    duplicates: counts.get(OUTCOME_DUPLICATE) ?? 0,
    refusal,
  };
}

/** Ends series with a stale marker; those that have gone on meanwhile refuse it, which is as well. */
export async function endSeries(storage: Appendable, series: readonly Labels[], timestamp: number): Promise<void> {
  if (series.length === 0) return;
  const appender = storage.appender({ discardOutOfOrder: true });
  appendStale(appender, series, timestamp);
  await appender.commit();
}

function appendStale(appender: ReturnType<Appendable["appender"]>, series: readonly Labels[], timestamp: number): void {
  if (series.length === 0) return;
  const batch = createSampleBatch(series.length);
  const words = wordsOf(batch.values);
  for (const [i, labels] of series.entries()) {
    batch.refs[i] = appender.series(labels);
    batch.timestamps[i] = timestamp;
    writeStale(words, i);
  }
  batch.count = series.length;
  appender.append(batch);
}
