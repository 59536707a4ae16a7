import { type Labels, matchesAll, type Matcher } from "@narthex/model";
import type { Alert } from "../alerts/alert.ts";
import type { AlertStore } from "../alerts/alert-store.ts";
import { InhibitionSources } from "./inhibition-sources.ts";

/**
 * An inhibition rule. While an alert matches `source`, alerts that match `target` and have the same values of the
 * labels `equal` are not notified.
 */
export interface InhibitRule {
  readonly name: string;
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}

/** An inhibition rule that suppresses an alert, and the source alert that fires. */
export interface Inhibition {
  readonly rule: InhibitRule;
  readonly source: Alert;
}

interface RuleState {
  readonly rule: InhibitRule;
  /** Source alerts of the rule, by their values of the rule's `equal` labels. */
  readonly sources: Map<string, InhibitionSources>;
}

const GC_INTERVAL_MS = 15 * 60_000;

/** Determines which alerts are inhibited. Subscribes to the changes of the alert store. */
export class Inhibitor {
  readonly #states: readonly RuleState[];
  #unsubscribe: (() => void) | undefined;
  #collectedAt = 0;

  constructor(rules: readonly InhibitRule[]) {
    this.#states = rules.map((rule) => ({ rule, sources: new Map() }));
  }

  start(alerts: AlertStore): void {
    for (const alert of alerts.all()) this.#see(alert);
    this.#unsubscribe = alerts.subscribe((alert) => this.#see(alert));
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  /**
   * Returns a list with the fingerprint of the alert that inhibits an alert with the given labels. The list is empty if
   * no alert inhibits it.
   */
  inhibitedBy(labels: Labels, now: number): readonly string[] {
    const found = this.inhibition(labels, now);
    return found === undefined ? [] : [found.source.fingerprint];
  }

  /** Returns the first inhibition rule that suppresses an alert with the given labels, and the rule's source alert. */
  inhibition(labels: Labels, now: number): Inhibition | undefined {
    this.#collect(now);
    for (const { rule, sources } of this.#states) {
      if (!matchesAll(rule.target, labels)) continue;
      const source = sources.get(equalKey(rule, labels))?.firing(now, matchesAll(rule.source, labels));
      if (source === undefined) continue;
      return { rule, source };
    }
    return undefined;
  }

  #see(alert: Alert): void {
    for (const { rule, sources } of this.#states) {
      if (!matchesAll(rule.source, alert.labels)) continue;
      const key = equalKey(rule, alert.labels);
      const isTarget = matchesAll(rule.target, alert.labels);
      const known = sources.get(key);
      if (known === undefined) sources.set(key, new InhibitionSources(alert, isTarget));
      else known.put(alert, isTarget);
    }
  }

  #collect(now: number): void {
    if (now < this.#collectedAt + GC_INTERVAL_MS) return;
    this.#collectedAt = now;
    for (const { sources } of this.#states) {
      for (const [key, alerts] of sources) if (alerts.collect(now)) sources.delete(key);
    }
  }
}

const equalKey = (rule: InhibitRule, labels: Labels): string =>
  rule.equal.map((name) => labels.get(name)).join("\ud800");
