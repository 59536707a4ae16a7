import { type Frame, isNumeric, type Labels, timeFieldOf } from "@narthex/dashboards";

/** A time span in which an alert would have been active, epoch ms. */
interface Span {
  readonly from: number;
  readonly to: number;
  /** Time at which the alert fires; undefined if the span ends before the rule's `for` has passed. */
  readonly firesAt: number | undefined;
}

/** The time spans in which the alert for one series would have been pending or firing. */
export interface ActiveSeries {
  readonly labels: Labels;
  readonly spans: readonly Span[];
}

export interface Firings {
  /** Series, sorted by the total firing time, the longest first. */
  readonly series: readonly ActiveSeries[];
  /** Number of spans in which an alert fires. */
  readonly firings: number;
  /** Number of time spans that ended before the alert would have fired. */
  readonly passing: number;
  /** Share of the range in which at least one alert fires. */
  readonly share: number;
}

/**
 * Converts the times at which a rule's expression has a value into spans. A series is active until the next evaluation
 * without a value.
 */
function spansOf(times: readonly number[], stepMs: number, forMs: number): readonly Span[] {
  const spans: Span[] = [];
  let from = times[0]!;
  let last = from;
  const end = (): void => {
    const to = last + stepMs;
    spans.push({ from, to, firesAt: to - from > forMs ? from + forMs : undefined });
  };
  for (const time of times) {
    if (time - last > 1.5 * stepMs) {
      end();
      from = time;
    }
    last = time;
  }
  end();
  return spans;
}

const firingMs = ({ spans }: ActiveSeries): number =>
  spans.reduce((sum, { firesAt, to }) => sum + (firesAt === undefined ? 0 : to - firesAt), 0);

/** Returns the total time in which at least one series fires, ms. */
function coveredMs(series: readonly ActiveSeries[]): number {
  const spans = series
    .flatMap(({ spans }) => spans.flatMap(({ firesAt, to }) => (firesAt === undefined ? [] : [[firesAt, to] as const])))
    .toSorted(([a], [b]) => a - b);
  let covered = 0;
  let until = -Infinity;
  for (const [from, to] of spans) {
    if (to > until) covered += to - Math.max(from, until);
    until = Math.max(until, to);
  }
  return covered;
}

/** Computes when alerts of a rule would have fired, from range query results of its expression. */
export function firingsOf(
  frames: readonly Frame[],
  { stepMs, forMs, rangeMs }: { readonly stepMs: number; readonly forMs: number; readonly rangeMs: number },
): Firings {
  const series: ActiveSeries[] = [];
  for (const frame of frames) {
    const times = timeFieldOf(frame);
    if (times === undefined) continue;
    for (const field of frame.fields) {
      if (field === times || !isNumeric(field) || field.type === "time") continue;
      const present: number[] = [];
      for (let i = 0; i < frame.length; i++) if (field.nulls?.[i] !== 1) present.push(times.values[i] as number);
      if (present.length > 0) series.push({ labels: field.labels ?? {}, spans: spansOf(present, stepMs, forMs) });
    }
  }
  const all = series.flatMap(({ spans }) => spans);
  const firings = all.filter(({ firesAt }) => firesAt !== undefined).length;
  return {
    series: series.toSorted((a, b) => firingMs(b) - firingMs(a)),
    firings,
    passing: all.length - firings,
    share: rangeMs > 0 ? Math.min(1, coveredMs(series) / rangeMs) : 0,
  };
}

/** Returns the labels whose values differ between series. Well-known labels come first. */
export function distinguishingLabels(frames: readonly Frame[], refId: string): readonly string[] {
  const values = new Map<string, Set<string>>();
  for (const frame of frames) {
    if (frame.refId !== refId) continue;
    for (const { labels = {} } of frame.fields)
      for (const [name, value] of Object.entries(labels)) {
        if (name === "__name__") continue;
        const known = values.get(name) ?? new Set();
        values.set(name, known.add(value));
      }
  }
  const rank = (name: string): number => (name === "instance" ? 0 : name === "job" ? 2 : 1);
  return [...values]
    .flatMap(([name, { size }]) => (size > 1 ? [name] : []))
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
