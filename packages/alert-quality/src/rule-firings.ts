import type { Labels } from "@narthex/model";
import { type Firing, FiringRecorder, MAX_ALERTS } from "./firing.ts";
import { type QualityRange, type RuleQuality, ruleQuality } from "./rule-quality.ts";

/** An alerting rule, as far as its alerts can be recognised. */
export interface ExaminedRule {
  readonly file: string;
  readonly group: string;
  readonly name: string;
  /** Labels of the rule and its group. A text with `{{` is a template, whose value is not known. */
  readonly labels: ReadonlyMap<string, string>;
  readonly intervalMs: number;
}

/** Samples of one alert: its labels without the state, and the times at which it fired, in order. */
export interface FiringSamples {
  readonly labels: Labels;
  readonly times: Iterable<number>;
}

type RuleBehaviour = Pick<ExaminedRule, "file" | "group" | "name"> & RuleQuality;

export interface QualityReport {
  readonly rules: readonly RuleBehaviour[];
  /** Number of firings of alerts without a loaded rule. */
  readonly unknownFirings: number;
  /**
   * Number of firings beyond the limits, which are not counted in any rule. An alert beyond the limit of alerts counts
   * once for each window in which it fired.
   */
  readonly omittedFirings: number;
}

/** Expression of the samples with which alerts fire. */
export const FIRING_SELECTOR = 'ALERTS{alertstate="firing"}';

/** Interval in ms that is assumed for alerts without a rule. */
const UNKNOWN_INTERVAL_MS = 60_000;

/** Length in ms of the windows in which samples are read, to limit the memory of a query. */
const WINDOW_MS = 6 * 3_600_000;

/**
 * Reports how alerting rules have behaved in a range of time. Yields to the event loop between two alerts, and between
 * two rules.
 * @param read returns the samples of FIRING_SELECTOR in a window: (end - length, end]
 * @param slice decides when the report yields
 */
export async function reportQuality(
  rules: readonly ExaminedRule[],
  range: QualityRange,
  read: (endMs: number, lengthMs: number) => Promise<readonly FiringSamples[]>,
  slice: { readonly yieldToEventLoop: () => Promise<void> | undefined },
): Promise<QualityReport> {
  const owners = new AlertOwners(rules);
  const recorder = new FiringRecorder((labels) => owners.of(labels)?.intervalMs ?? UNKNOWN_INTERVAL_MS);
  for (let start = range.startMs; start < range.endMs; start += WINDOW_MS) {
    const end = Math.min(range.endMs, start + WINDOW_MS);
    for (const { labels, times } of await read(end, end - start)) {
      recorder.add(labels.without("__name__", "alertstate"), times);
      await slice.yieldToEventLoop();
    }
  }
  const byRule = new Map<ExaminedRule | undefined, Firing[]>();
  for (const firing of recorder.finish(range.endMs)) {
    const rule = owners.of(firing.labels);
    const own = byRule.get(rule);
    if (own === undefined) byRule.set(rule, [firing]);
    else own.push(firing);
    await slice.yieldToEventLoop();
  }
  const behaviours: RuleBehaviour[] = [];
  for (const rule of rules) {
    const { file, group, name } = rule;
    behaviours.push({ file, group, name, ...ruleQuality(byRule.get(rule) ?? [], range) });
    await slice.yieldToEventLoop();
  }
  return {
    rules: behaviours,
    unknownFirings: byRule.get(undefined)?.length ?? 0,
    omittedFirings: recorder.omitted,
  };
}

/**
 * Finds the rule of an alert by its labels: the name and all labels of the rule that are not templates must agree. If
 * several rules agree, the rule with the most labels is chosen.
 */
class AlertOwners {
  readonly #byName: ReadonlyMap<string, readonly ExaminedRule[]>;
  readonly #known = new Map<string, ExaminedRule | undefined>();

  constructor(rules: readonly ExaminedRule[]) {
    this.#byName = Map.groupBy(
      rules.toSorted((a, b) => b.labels.size - a.labels.size),
      ({ name }) => name,
    );
  }

  of(labels: Labels): ExaminedRule | undefined {
    const key = labels.key;
    if (this.#known.has(key)) return this.#known.get(key);
    const owner = this.#find(labels);
    if (this.#known.size < MAX_ALERTS) this.#known.set(key, owner);
    return owner;
  }

  #find(labels: Labels): ExaminedRule | undefined {
    return this.#byName
      .get(labels.get("alertname"))
      ?.find((rule) => [...rule.labels].every(([name, text]) => text.includes("{{") || labels.get(name) === text));
  }
}
