import { Labels, METRIC_NAME } from "@narthex/model";
import { type Clock, runInTimeSlices, type Steps, TimeSlice } from "@narthex/runtime";
import type { TemplateContext } from "@narthex/template";
import { type Alert, type AlertState, needsSending, nextAlert, type AlertSample } from "./alert.ts";
import {
  type BehaviourQueries,
  BehaviourState,
  conditionOf,
  findingsFor,
  type Findings,
  firesWithoutData,
  noDataSample,
  sourceOf,
} from "./behaviour/behaviour-state.ts";
import { nextAlertWithBehaviour } from "./behaviour/state-machine.ts";
import { type Labelled, type QueryElement, RuleError, type RuleSample } from "./rule-query.ts";
import type { AlertingSpec } from "./rule-spec.ts";
import { RuleTemplate } from "./rule-template.ts";

const ALERT_NAME = "alertname";

/** Number of alerts that are examined in one step before they are sent. */
const ALERTS_PER_BATCH = 500;

/** Functions and settings for the labels and annotations of alerts. */
export interface AlertContext {
  readonly clock: Clock;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly query: TemplateContext["query"];
  /** Records that a template was rendered. `hasFailed` is true if rendering failed. */
  readonly expansion: (hasFailed: boolean) => void;
}

/** Label sets of the series ALERTS and ALERTS_FOR_STATE of an alert. */
interface AlertSeries {
  readonly alertState: AlertState;
  readonly state: Labels;
  readonly forState: Labels;
}

const STATE_ORDER: readonly AlertState[] = ["inactive", "pending", "firing"];

/** The alerts of one alerting rule. Each evaluation of the rule updates their states. */
export class AlertingRuleState {
  readonly spec: AlertingSpec;
  /** Undefined if the alerts behave as those of Prometheus. */
  readonly behaviour: BehaviourState | undefined;
  readonly #labels: readonly (readonly [string, RuleTemplate])[];
  readonly #annotations: readonly (readonly [string, RuleTemplate])[];
  /** Whether the values of the rule's labels are the same for all alerts. */
  readonly #hasFixedLabels: boolean;
  /** Labels of the alerts by the series of the query's result, if the rule's labels are the same for all alerts. */
  readonly #knownLabels = new WeakMap<Labelled, Labels>();
  #active = new Map<string, Alert>();
  /** Label sets of the alerts' series, by the alerts' labels, which are the same object as long as an alert exists. */
  readonly #series = new WeakMap<Labels, AlertSeries>();
  /**
   * True after the start times of pending alerts were restored from the storage. ALERTS series are only written after
   * that, because restoring reads the series that the earlier process wrote.
   */
  restored: boolean;

  constructor(spec: AlertingSpec, restored: boolean) {
    this.spec = spec;
    this.behaviour = spec.behaviour === undefined ? undefined : new BehaviourState(spec.behaviour);
    this.restored = restored;
    const compiled = (texts: ReadonlyMap<string, string>): (readonly [string, RuleTemplate])[] =>
      [...texts].map(([name, text]) => [name, new RuleTemplate(spec.name, text)] as const);
    this.#labels = compiled(spec.labels);
    this.#annotations = compiled(spec.annotations);
    this.#hasFixedLabels = this.#labels.every(([, template]) => template.isFixed);
  }

  /** All alerts of the rule, including resolved alerts. */
  get alerts(): readonly Alert[] {
    return [...this.#active.values()];
  }

  /** The pending and firing alerts of the rule. */
  get activeAlerts(): readonly Alert[] {
    return this.alerts.filter((alert) => alert.resolvedAtMs === undefined);
  }

  /** The most severe state of any alert of the rule. */
  get state(): AlertState {
    let highest = 0;
    for (const alert of this.#active.values()) highest = Math.max(highest, STATE_ORDER.indexOf(alert.state));
    return STATE_ORDER[highest]!;
  }

  /** Takes over the alerts of the same rule from before a reload of the configuration. */
  adopt(other: AlertingRuleState): void {
    this.#active = new Map(other.#active);
    this.restored = other.restored;
    if (other.behaviour !== undefined) this.behaviour?.adopt(other.behaviour);
  }

  /** Replaces the state of one alert. Used when alerts are restored after a restart. */
  replace(alert: Alert): void {
    this.#active.set(alert.labels.key, alert);
  }

  /**
   * Evaluates the rule once at the time `ts`. Returns the samples of ALERTS and ALERTS_FOR_STATE, or no samples before
   * the alerts were restored. Throws RuleError if two alerts have equal labels; then the alerts are unchanged. Also
   * throws RuleError if there are more than `limit` alerts; then all alerts are removed.
   * @param queries evaluates the expressions of the rule's behaviour
   */
  async evaluate(
    result: readonly QueryElement[],
    ts: number,
    limit: number,
    context: AlertContext,
    queries?: BehaviourQueries,
  ): Promise<RuleSample[]> {
    const seen = await this.samplesOf(result, ts, context);
    const findings =
      this.behaviour === undefined ? undefined : await this.#findings(this.behaviour, seen, ts, context, queries);
    return runInTimeSlices(context.clock, this.#advance(seen, ts, limit, findings));
  }

  /** Evaluates the behaviour. Adds the alert of a rule without any data to the result. */
  async #findings(
    { behaviour }: BehaviourState,
    seen: Map<string, AlertSample>,
    ts: number,
    context: AlertContext,
    queries: BehaviourQueries | undefined,
  ): Promise<Findings> {
    if (queries === undefined) throw new Error("the rule has a behaviour, but its queries are missing");
    const missing = this.activeAlerts.filter(({ labels }) => !seen.has(labels.key));
    const findings = await findingsFor(missing, seen.size === 0, behaviour, queries);
    if (firesWithoutData(seen.size === 0, findings, behaviour)) {
      const [key, sample] = await this.noDataAlert(ts, context);
      if (!missing.some(({ labels }) => labels.key === key)) seen.set(key, sample);
    }
    return findings;
  }

  /** Returns the alert that the rule has if there is no data at all, with its key. */
  async noDataAlert(ts: number, context: AlertContext): Promise<readonly [string, AlertSample]> {
    const [entry] = await this.samplesOf([{ labels: Labels.EMPTY, value: NaN }], ts, context);
    return [entry![0], noDataSample(entry![1])];
  }

  *#advance(
    seen: ReadonlyMap<string, AlertSample>,
    ts: number,
    limit: number,
    findings: Findings | undefined,
  ): Steps<RuleSample[]> {
    const next = new Map<string, Alert>();
    let active = 0;
    for (const key of new Set([...this.#active.keys(), ...seen.keys()])) {
      yield;
      const previous = this.#active.get(key);
      const sample = seen.get(key);
      const alert =
        findings === undefined
          ? nextAlert(previous, sample, ts, this.spec)
          : this.#nextWithBehaviour(previous, sample, ts, findings);
      if (alert === undefined) continue;
      next.set(key, alert);
      if (alert.state !== "inactive") active++;
    }
    const before = this.#active;
    this.#active = next;
    if (limit > 0 && active > limit) {
      this.#active.clear();
      throw new RuleError(`exceeded limit of ${limit} with ${active} alerts`);
    }
    if (this.behaviour !== undefined) yield* this.behaviour.note(before, next, ts);
    return this.restored ? yield* this.#samples() : [];
  }

  #nextWithBehaviour(previous: Alert | undefined, seen: AlertSample | undefined, ts: number, findings: Findings) {
    const { behaviour, changes } = this.behaviour!;
    const isMissing = seen === undefined && previous !== undefined;
    return nextAlertWithBehaviour(
      previous,
      {
        seen,
        condition: isMissing ? conditionOf(previous, findings, behaviour) : "cleared",
        dampedUntilMs: isMissing ? changes?.dampedUntil(previous.labels.key, ts) : undefined,
      },
      ts,
      this.spec,
    );
  }

  /** Returns the alerts of a query result at the time `ts`, by the key of their labels. */
  async samplesOf(
    result: readonly QueryElement[],
    ts: number,
    { clock, externalLabels, externalUrl, query, expansion }: AlertContext,
  ): Promise<Map<string, AlertSample>> {
    const seen = new Map<string, AlertSample>();
    const functions = { time: ts, externalUrl, query };
    const slice = new TimeSlice(clock);
    for (const element of result) {
      await slice.yieldToEventLoop();
      const value = element.histogram ?? element.value;
      const data = { labels: element.labels, externalLabels, externalUrl, value };
      const { identity } = element;
      let labels = identity && this.#knownLabels.get(identity);
      if (labels === undefined) {
        const pairs: (readonly [string, string])[] = [...element.labels.without(METRIC_NAME)];
        for (const [name, template] of this.#labels)
          pairs.push([name, await template.expand(data, functions, expansion)]);
        pairs.push([ALERT_NAME, this.spec.name]);
        labels = Labels.of(pairs);
        if (identity !== undefined && this.#hasFixedLabels) this.#knownLabels.set(identity, labels);
      } else for (const _ of this.#labels) expansion(false);
      const annotations = new Map<string, string>();
      for (const [name, template] of this.#annotations)
        annotations.set(name, await template.expand(data, functions, expansion));
      if (seen.has(labels.key)) {
        throw new RuleError("vector contains metrics with the same labelset after applying alert labels");
      }
      const sample = { labels, annotations, value: element.value };
      seen.set(labels.key, this.behaviour === undefined ? sample : { ...sample, source: sourceOf(element.labels) });
    }
    return seen;
  }

  *#samples(): Steps<RuleSample[]> {
    const samples: RuleSample[] = [];
    for (const alert of this.#active.values()) {
      yield;
      if (alert.state === "inactive") continue;
      const { state, forState } = this.#seriesOf(alert);
      samples.push({ labels: state, value: 1 });
      samples.push({ labels: forState, value: Math.trunc(alert.activeAtMs / 1000) });
    }
    return samples;
  }

  /** Returns the label sets of an alert's series. The label sets are made once for each state of an alert. */
  #seriesOf({ state, labels }: Alert): AlertSeries {
    const known = this.#series.get(labels);
    if (known?.alertState === state) return known;
    const own = Labels.of([...this.spec.labels, ...labels]);
    const made: AlertSeries = {
      alertState: state,
      state: own.with({ [METRIC_NAME]: "ALERTS", alertstate: state }),
      forState: known?.forState ?? own.with({ [METRIC_NAME]: "ALERTS_FOR_STATE" }),
    };
    this.#series.set(labels, made);
    return made;
  }

  /**
   * Returns the alerts that must be sent at the time `ts` in batches, and marks them as sent. A batch may be empty: it
   * contains the due ones of a fixed number of alerts. `validForMs` is how long Alertmanager considers a firing alert
   * active if it is not sent again.
   */
  *takeDue(ts: number, resendDelayMs: number, validForMs: number): Generator<Alert[], void, undefined> {
    let due: Alert[] = [];
    let seen = 0;
    for (const [key, alert] of this.#active) {
      if (needsSending(alert, ts, resendDelayMs)) {
        const sent: Alert = { ...alert, lastSentAtMs: ts, validUntilMs: ts + validForMs };
        this.#active.set(key, sent);
        due.push(sent);
      }
      if (++seen % ALERTS_PER_BATCH !== 0) continue;
      yield due;
      due = [];
    }
    if (due.length > 0) yield due;
  }
}
