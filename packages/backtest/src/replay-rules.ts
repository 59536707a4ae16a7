import type { Labels } from "@narthex/model";
import { type RuleSpec, slotBefore, slotOffset } from "@narthex/rules";
import { TimeSlice } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { OccurrenceBudget } from "./occurrence-budget.ts";
import { RecordedSeries } from "./recorded-series.ts";
import { replayedData } from "./replayed-data.ts";
import type { ReplayedGroup } from "./replayed-group.ts";
import { ReplayedRule } from "./replayed-rule.ts";
import { mayWriteSameSeries, type ReplayUnit, replayUnits } from "./replay-units.ts";
import { type ReplayContext, RuleData } from "./rule-data.ts";
import { ruleReads } from "./rule-reads.ts";

/** Rules, and the range of the stored history over which they are evaluated. */
export interface ReplayRequest extends ReplayContext {
  readonly groups: readonly ReplayedGroup[];
  readonly history: Queryable;
  /** First and last time of an evaluation, Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly limits?: ReplayLimits | undefined;
}

/** Limits of what the rules of a backtest keep in memory together. */
interface ReplayLimits {
  /** Number of samples that recording rules and alerts write. */
  readonly recordedSamples: number;
  /** Number of occurrences of alerts. Further occurrences are only counted. */
  readonly occurrences: number;
}

const DEFAULT_LIMITS: ReplayLimits = { recordedSamples: 20_000_000, occurrences: 2_000_000 };

/** Number of evaluations that are queried at once. */
const WINDOW_STEPS = 2000;

/**
 * Evaluates rules over stored data as a server would have done, at the same times. Recording rules write to memory, and
 * later rules read what they have written; stored series that the rules write themselves are not read.
 */
export async function replayRules(request: ReplayRequest): Promise<readonly ReplayedRule[]> {
  const { groups, history, fromMs, toMs, signal, limits = DEFAULT_LIMITS } = request;
  const specs = groups.flatMap(({ spec }) => spec.rules);
  const reads = ruleReads(specs);
  const recorded = new RecordedSeries(limits.recordedSamples);
  const occurrences = new OccurrenceBudget(limits.occurrences);
  const read = replayedData(history, recorded, namesOf(specs), isWrittenBy(specs));
  const data = new RuleData(request, read, { recorded, occurrences });
  const rules = new Map(
    groups.map((group) => [
      group,
      group.spec.rules.map((spec) => {
        const isRead = specs.some((other) => reads(other, spec) || (other !== spec && mayWriteSameSeries(other, spec)));
        return new ReplayedRule(group, spec, isRead, request, data);
      }),
    ]),
  );
  const units = replayUnits(groups, reads);
  const windowMs = WINDOW_STEPS * groups.reduce((least, { intervalMs }) => Math.min(least, intervalMs), Infinity);
  for (let from = fromMs; from <= toMs; from += windowMs) {
    const to = Math.min(toMs, from + windowMs - 1);
    for (const unit of units) {
      signal.throwIfAborted();
      if (unit.isStepwise) await replaySteps(unit, rules, from, to, request);
      else for (const group of unit.groups) await replayRange(rules.get(group)!, slots(group, from, to));
    }
  }
  return [...rules.values()].flat();
}

async function replayRange(rules: readonly ReplayedRule[], times: Float64Array): Promise<void> {
  if (times.length > 0) for (const rule of rules) await rule.range(times);
}

async function replaySteps(
  { groups }: ReplayUnit,
  rules: ReadonlyMap<ReplayedGroup, readonly ReplayedRule[]>,
  from: number,
  to: number,
  { clock, signal }: ReplayContext,
): Promise<void> {
  const slice = new TimeSlice(clock);
  const turns = groups.flatMap((group) => Array.from(slots(group, from, to), (ts) => ({ ts, group })));
  for (const { ts, group } of turns.sort((a, b) => a.ts - b.ts)) {
    await slice.yieldToEventLoop();
    signal.throwIfAborted();
    for (const rule of rules.get(group)!) await rule.step(ts);
  }
}

/** Returns the times in a range at which a server evaluates a group, Unix ms. */
export function slots({ file, spec, intervalMs }: ReplayedGroup, from: number, to: number): Float64Array {
  const offset = slotOffset(file, spec.name, intervalMs);
  const before = Math.floor(slotBefore(from, offset, intervalMs));
  const first = before < from ? before + intervalMs : before;
  return Float64Array.from(
    { length: Math.max(0, Math.floor((to - first) / intervalMs) + 1) },
    (_, at) => first + at * intervalMs,
  );
}

const ALERT_SERIES = ["ALERTS", "ALERTS_FOR_STATE"];

/** Returns the names of the metrics that rules write. */
const namesOf = (specs: readonly RuleSpec[]): ReadonlySet<string> =>
  new Set(specs.flatMap((spec) => (spec.kind === "recording" ? [spec.name] : ALERT_SERIES)));

/** Returns the function that reports whether rules write a series. */
function isWrittenBy(specs: readonly RuleSpec[]): (labels: Labels) => boolean {
  const records = new Set(specs.flatMap(({ kind, name }) => (kind === "recording" ? [name] : [])));
  const alerts = new Set(specs.flatMap(({ kind, name }) => (kind === "alerting" ? [name] : [])));
  return (labels) => {
    const name = labels.get("__name__");
    return records.has(name) || (ALERT_SERIES.includes(name) && alerts.has(labels.get("alertname")));
  };
}
