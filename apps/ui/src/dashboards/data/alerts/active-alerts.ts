import { type Frame, isNumeric, type NumericField, type ResolvedTimeRange, timeFieldOf } from "@narthex/dashboards";
import { type LabelSet, seriesKey } from "../../../format/series-name.ts";

/** A time range in which an alert was firing or pending. */
interface ActiveTime extends ResolvedTimeRange {
  /** Whether the alert was already active when the requested range starts. */
  readonly isCut: boolean;
  /** Whether the alert is still active when the requested range ends. */
  readonly isOngoing: boolean;
}

/** An alert that was firing or pending within the requested range. */
export interface ActiveAlert {
  readonly labels: LabelSet;
  /** Whether the alert was only pending: its condition held for less than the rule's `for`. */
  readonly isPending: boolean;
  readonly times: readonly ActiveTime[];
}

/**
 * Returns the alerts in the results of queries for the `ALERTS` metric. Each step of a result contains the alerts that
 * were active within that step. Successive steps of an alert are joined to one time range.
 * @param step distance between the steps of a result, ms
 */
export function activeAlerts(frames: readonly Frame[], range: ResolvedTimeRange, step: number): readonly ActiveAlert[] {
  const found = new Map<string, Pick<ActiveAlert, "labels" | "isPending"> & { times: number[] }>();
  for (const frame of frames) {
    const times = timeFieldOf(frame);
    if (times === undefined) continue;
    for (const field of frame.fields) {
      if (!isNumeric(field) || field.type === "time") continue;
      const { __name__: _, alertstate, ...labels } = field.labels ?? {};
      const isPending = alertstate === "pending";
      const key = `${isPending} ${seriesKey(labels)}`;
      const known = found.get(key) ?? { labels, isPending, times: [] };
      found.set(key, known);
      addTimes(known.times, times, field);
    }
  }
  return [...found.values()].map(({ labels, isPending, times }) => ({
    labels,
    isPending,
    times: activeTimes(
      times.toSorted((a, b) => a - b),
      range,
      step,
    ),
  }));
}

function addTimes(all: number[], { values: times }: NumericField, { values, nulls }: NumericField): void {
  for (let row = 0; row < times.length; row++) if (nulls?.[row] !== 1 && values[row]! > 0) all.push(times[row]!);
}

function activeTimes(times: readonly number[], { from, to }: ResolvedTimeRange, step: number): readonly ActiveTime[] {
  const all: ActiveTime[] = [];
  const room = step * 1.5;
  for (let at = 0; at < times.length; at++) {
    const begin = times[at]!;
    while (at + 1 < times.length && times[at + 1]! - times[at]! <= room) at++;
    const end = times[at]!;
    // The result at a step contains the alerts that were active since the previous step. So an alert that begins or
    // ends less than one step from the edge of the range may also have been active outside the range.
    const isCut = begin - from < step;
    const isOngoing = to - end < step;
    all.push({ from: isCut ? from : begin - step, to: isOngoing ? to : end, isCut, isOngoing });
  }
  return all;
}
