import type { Labels } from "@narthex/model";
import type { ParserOptions } from "@narthex/promql";
import { DataError, type StoredData } from "./data/stored-data.ts";
import { ExpressionIndex } from "./expression/expression-index.ts";
import type { LintedRule } from "./linted-rule.ts";
import { type MetricKind, kindByName, kindByRules, kindByTypes } from "./metric-kind.ts";
import type { Policy } from "./policy/policy.ts";

export interface LintContextOptions {
  readonly rules: readonly LintedRule[];
  readonly policy: Policy;
  readonly parser: ParserOptions;
  /** Time of the check, Unix ms. */
  readonly now: number;
  readonly lookbackMs: number;
  /** Evaluation interval of groups without an interval, ms. */
  readonly evaluationIntervalMs: number;
  /** Scrape interval of the configuration, ms; undefined if it is not known. */
  readonly scrapeIntervalMs: number | undefined;
  readonly externalLabels: Labels | undefined;
  readonly data: StoredData | undefined;
}

/** Indexes of all rules, and access to the stored data, for the checks. */
export class LintContext {
  readonly options: LintContextOptions;
  readonly expressions = new ExpressionIndex();
  readonly recorded = new Map<string, LintedRule[]>();
  readonly alerts = new Map<string, LintedRule[]>();

  constructor(options: LintContextOptions) {
    this.options = options;
  }

  /** Adds a rule to the indexes. Call with each rule before the first check. */
  add(rule: LintedRule): void {
    this.expressions.add(rule);
    const named = rule.spec.kind === "alerting" ? this.alerts : this.recorded;
    const others = named.get(rule.spec.name);
    if (others === undefined) named.set(rule.spec.name, [rule]);
    else others.push(rule);
  }

  /** Returns whether a metric is a counter or a gauge, by its metadata, the rule that records it, or its name. */
  async kindOf(metric: string): Promise<MetricKind | undefined> {
    const recorded = this.recorded.get(metric);
    if (recorded !== undefined) return kindByRules(recorded);
    const { data } = this.options;
    if (data !== undefined) {
      try {
        const types = await data.metricTypes(metric);
        if (types.length > 0) return kindByTypes(metric, types);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
      }
    }
    return kindByName(metric);
  }
}
