import { isStaleAt, type Labels, METRIC_NAME, Matcher } from "@narthex/model";
import { type Clock, TimeSlice } from "@narthex/runtime";
import { type Queryable, SampleColumns } from "@narthex/storage";
import type { AlertChanges } from "./state-changes.ts";

/** An alert that fired, according to the series ALERTS of an earlier process. */
export interface StoredFiring extends AlertChanges {
  /** Label set of the series. */
  readonly series: Labels;
  /** Time of the last evaluation at which the alert fired. */
  readonly lastMs: number;
}

/** The stored series of a rule's firing alerts. */
export interface FiringQuery {
  readonly clock: Clock;
  readonly history: Queryable;
  readonly matchers: readonly Matcher[];
  /** First and last time of evaluations, Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly queryOffsetMs: number;
}

/**
 * Reads when alerts began and stopped to fire, by the key of their labels. A series ends with a stale marker. A gap without
 * marker is a time in which the server did not run or the evaluation failed, and is no change.
 */
export async function storedChanges(query: FiringQuery): Promise<ReadonlyMap<string, StoredFiring>> {
  const { clock, history, matchers, queryOffsetMs } = query;
  const [from, to] = [query.fromMs - queryOffsetMs, query.toMs - queryOffsetMs];
  const querier = history.querier(from, to);
  const slice = new TimeSlice(clock);
  try {
    const found = new Map<string, StoredFiring>();
    const set = await querier.select([...matchers, new Matcher("=", "alertstate", "firing")], { start: from, end: to });
    const columns = new SampleColumns(64);
    for (const [index, series] of set.labels.entries()) {
      await slice.yieldToEventLoop();
      columns.reset();
      set.read(index, from, to, columns);
      if (columns.count === 0) continue;
      const changes = changesOf(columns, queryOffsetMs);
      found.set(series.without(METRIC_NAME, "alertstate").key, { series, ...changes });
    }
    return found;
  } finally {
    querier.close();
  }
}

function changesOf(columns: SampleColumns, queryOffsetMs: number): Omit<StoredFiring, "series"> {
  const times: number[] = [];
  let isFiring = false;
  let lastMs = 0;
  for (let at = 0; at < columns.count; at++) {
    const timeMs = columns.timestamps[at]! + queryOffsetMs;
    const isSample = !isStaleAt(columns.valueWords, at);
    if (isSample) lastMs = timeMs;
    if (isSample === isFiring) continue;
    isFiring = isSample;
    times.push(timeMs);
  }
  return { times, isFiring, lastMs };
}
