import type { Firing } from "./firing.ts";

/** How an alerting rule has behaved in a range of time. */
export interface RuleQuality {
  /** Number of firings: each label set counts separately. */
  readonly firings: number;
  readonly labelSets: number;
  /** Number of firings for a week of the range. A range below a day counts as a day. */
  readonly firingsPerWeek: number;
  /** Share of the firings that ended within five minutes, from 0 to 1; 0 without firings. */
  readonly shortShare: number;
  /** Number of firings that began within ten minutes after the previous firing of the same label set. */
  readonly flaps: number;
  /** Share of the range in which at least one alert of the rule fired, from 0 to 1. */
  readonly firingShare: number;
  /** Median duration of the firings, ms; 0 without firings. */
  readonly medianMs: number;
  /** Start of the latest firing, Unix ms; undefined without firings. */
  readonly lastMs: number | undefined;
  readonly verdicts: readonly Verdict[];
}

/** A reason to change a rule. */
export type Verdict = "always firing" | "flaps" | "frequent" | "mostly short" | "never fired";

/** Thresholds of the verdicts. */
const SHORT_MS = 5 * 60_000;
const FLAP_MS = 10 * 60_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const ALWAYS_SHARE = 0.95;
const MOSTLY_SHARE = 0.5;
const FREQUENT_PER_WEEK = 50;
/** A share of fewer firings says little. */
const MIN_FIRINGS = 4;

export interface QualityRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** Computes how a rule has behaved from the firings of its alerts in a range. */
export function ruleQuality(firings: readonly Firing[], { startMs, endMs }: QualityRange): RuleQuality {
  const count = firings.length;
  const lengthMs = Math.max(1, endMs - startMs);
  const byLabels = Map.groupBy(firings, ({ labels }) => labels.key);
  let flaps = 0;
  for (const own of byLabels.values()) flaps += flapsOf(own);
  const short = firings.filter((firing) => !firing.isOpen && firing.endMs - firing.startMs < SHORT_MS).length;
  const figures = {
    firings: count,
    labelSets: byLabels.size,
    firingsPerWeek: (count * WEEK_MS) / Math.max(lengthMs, DAY_MS),
    shortShare: count === 0 ? 0 : short / count,
    flaps,
    firingShare: coveredMs(firings, startMs, endMs) / lengthMs,
    medianMs: medianOf(firings.map((firing) => firing.endMs - firing.startMs)),
    lastMs: count === 0 ? undefined : firings.reduce((last, firing) => Math.max(last, firing.startMs), -Infinity),
  };
  return { ...figures, verdicts: verdictsOf(figures) };
}

function flapsOf(firings: readonly Firing[]): number {
  const ordered = firings.toSorted((a, b) => a.startMs - b.startMs);
  return ordered.filter((firing, i) => i > 0 && firing.startMs - ordered[i - 1]!.endMs <= FLAP_MS).length;
}

/** Returns the time in ms within a range in which at least one of the firings was active. */
function coveredMs(firings: readonly Firing[], startMs: number, endMs: number): number {
  let covered = 0;
  let until = startMs;
  for (const firing of firings.toSorted((a, b) => a.startMs - b.startMs)) {
    const from = Math.max(until, firing.startMs);
    const to = Math.min(endMs, firing.endMs);
    if (to <= from) continue;
    covered += to - from;
    until = to;
  }
  return covered;
}

function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

type Figures = Omit<RuleQuality, "verdicts">;

function verdictsOf({ firings, firingShare, flaps, shortShare, firingsPerWeek }: Figures): readonly Verdict[] {
  if (firings === 0) return ["never fired"];
  const verdicts: Verdict[] = [];
  if (firingShare >= ALWAYS_SHARE) verdicts.push("always firing");
  if (firings >= MIN_FIRINGS && flaps / firings >= MOSTLY_SHARE) verdicts.push("flaps");
  if (firings >= MIN_FIRINGS && shortShare >= MOSTLY_SHARE) verdicts.push("mostly short");
  if (firingsPerWeek >= FREQUENT_PER_WEEK && firings >= MIN_FIRINGS) verdicts.push("frequent");
  return verdicts;
}
