import { type Labels } from "@narthex/model";
import { ABSENT, type Expr, HISTOGRAM, type QueryResult } from "@narthex/promql";
import {
  type Alert,
  type AlertContext,
  AlertingRuleState,
  type AlertingSpec,
  behaviourQueries,
  type QueryElement,
  queryForTemplate,
  RecordedLabels,
  RuleError,
  type RuleSample,
  type RuleSpec,
} from "@narthex/rules";
import { runInTimeSlices, TimeSlice } from "@narthex/runtime";
import { type AlertSpan, AlertSpans } from "./alert-spans.ts";
import { AlertTrack } from "./alert-track.ts";
import { RangeResults } from "./range-results.ts";
import type { ReplayedGroup } from "./replayed-group.ts";
import { elementsByStep, type ReplayContext, type RuleData } from "./rule-data.ts";
import { SendingPeriods } from "./sending-periods.ts";

/** Evaluations of a rule that failed. */
export interface ReplayFailures {
  readonly count: number;
  readonly firstAtMs: number;
  readonly message: string;
}

/** A rule in a backtest, with its state at the time that the backtest has reached. */
export class ReplayedRule {
  readonly group: ReplayedGroup;
  readonly spec: RuleSpec;
  readonly spans: AlertSpans;
  readonly sending: SendingPeriods;
  evaluations = 0;
  failures: ReplayFailures | undefined;
  readonly #context: ReplayContext;
  readonly #data: RuleData;
  /** The state of all alerts if they are evaluated together; undefined while each label set has its own track. */
  #state: AlertingRuleState | undefined;
  readonly #tracks = new Map<string, AlertTrack>();
  readonly #labels = new Map<string, Labels>();
  /** Undefined for alerting rules. */
  readonly #recorded: RecordedLabels | undefined;
  /** Series that the last evaluation wrote, by the key of their labels. */
  #series: ReadonlyMap<string, Labels> = new Map();

  /** @param isRead whether another rule of the backtest reads or writes the series of this rule */
  constructor(group: ReplayedGroup, spec: RuleSpec, isRead: boolean, context: ReplayContext, data: RuleData) {
    this.group = group;
    this.spec = spec;
    this.spans = new AlertSpans(data.occurrences);
    this.sending = new SendingPeriods(group.intervalMs, data.occurrences);
    this.#context = context;
    this.#data = data;
    this.#recorded = spec.kind === "recording" ? new RecordedLabels(spec) : undefined;
    if (spec.kind === "alerting" && (isRead || group.spec.limit > 0 || spec.behaviour || !hasFixedLabels(spec)))
      this.#state = new AlertingRuleState(spec, true);
  }

  /** Evaluates the rule at one time after the other. */
  async step(ts: number): Promise<void> {
    this.#toState();
    this.evaluations++;
    const { queryOffsetMs, file, spec } = this.group;
    try {
      const group = { file, name: spec.name };
      const instant = (expr: Expr) => this.#data.instant(expr, ts - queryOffsetMs, this.#context.signal, group);
      await this.#evaluate(await instant(this.spec.expr), ts, instant);
    } catch (error) {
      this.#failEvaluation(error, ts);
    }
  }

  /** Evaluates the rule at all times of a range. The times have equal distances. */
  async range(times: Float64Array): Promise<void> {
    const { queryOffsetMs } = this.group;
    const result = await this.#data.range(this.spec.expr, times, queryOffsetMs);
    if (result === undefined) {
      for (const ts of times) await this.step(ts);
      return;
    }
    this.evaluations += times.length;
    const labels =
      this.#state === undefined ? this.#distinctLabels(result, await this.#labelsOf(result, times[0]!)) : undefined;
    if (labels !== undefined) {
      if (this.spec.kind === "alerting") await this.#advanceTracks(this.spec, result, labels, times);
      else await this.#record(result, labels, times);
      return;
    }
    this.#toState();
    const slice = new TimeSlice(this.#context.clock);
    const others = new RangeResults(this.#data, times, { ...this.group, signal: this.#context.signal });
    for (const [at, elements] of elementsByStep(result, times, queryOffsetMs).entries()) {
      await slice.yieldToEventLoop();
      try {
        await this.#evaluate(elements, times[at]!, (expr) => others.at(expr, at));
      } catch (error) {
        this.#failEvaluation(error, times[at]!);
      }
    }
  }

  /** @param query evaluates the other expressions of the rule, which its behaviour has, at the same time */
  async #evaluate(
    elements: readonly QueryElement[],
    ts: number,
    query: (expr: Expr) => Promise<readonly QueryElement[]>,
  ): Promise<void> {
    const { limit } = this.group.spec;
    const { spec } = this;
    if (spec.kind === "recording") {
      this.#write(await runInTimeSlices(this.#context.clock, this.#recorded!.samples(elements, limit)), ts);
      return;
    }
    const state = this.#state!;
    const earlier = state.alerts;
    try {
      const queries = behaviourQueries(spec, query);
      this.#write(await state.evaluate(elements, ts, limit, this.#alertContext(ts), queries), ts);
    } finally {
      const now = new Map(state.alerts.map((alert) => [alert.labels.key, alert]));
      for (const { labels } of earlier) if (!now.has(labels.key)) this.#note(labels.key, undefined, ts);
      for (const [key, alert] of now) this.#note(key, alert, ts);
    }
  }

  #note(key: string, alert: Alert | undefined, ts: number): AlertSpan | undefined {
    this.sending.note(key, alert, ts);
    return this.spans.note(key, alert, ts);
  }

  #write(samples: readonly RuleSample[], ts: number): void {
    const at = ts - this.group.queryOffsetMs;
    const { stored, problem } = this.#data.recorded.append(samples, at);
    this.#data.recorded.end(missingFrom(stored, this.#series), at);
    this.#series = stored;
    if (problem !== undefined) this.#fail(new RuleError(problem), ts);
  }

  #failEvaluation(error: unknown, ts: number): void {
    this.#fail(error, ts);
    this.sending.noteFailure(ts);
  }

  #fail(error: unknown, ts: number): void {
    this.#context.signal.throwIfAborted();
    if (!(error instanceof RuleError)) throw error;
    this.failures = {
      count: (this.failures?.count ?? 0) + 1,
      firstAtMs: this.failures?.firstAtMs ?? ts,
      message: this.failures?.message ?? error.message,
    };
  }

  /** Returns the labels that the rule gives to each series of a result. */
  async #labelsOf({ series }: QueryResult, ts: number): Promise<readonly Labels[]> {
    const slice = new TimeSlice(this.#context.clock);
    const all: Labels[] = [];
    for (const { labels } of series) {
      await slice.yieldToEventLoop();
      let own = this.#labels.get(labels.key);
      if (own === undefined) this.#labels.set(labels.key, (own = await this.#labelsFor(labels, ts)));
      all.push(own);
    }
    return all;
  }

  async #labelsFor(labels: Labels, ts: number): Promise<Labels> {
    const { spec } = this;
    if (spec.kind === "alerting") return (await this.#alertFor(spec, { labels, value: 0 }, ts)).labels;
    return this.#recorded!.labelsOf(labels);
  }

  /** Returns the alert that an element alone would have. */
  async #alertFor(spec: AlertingSpec, element: QueryElement, ts: number) {
    const state = new AlertingRuleState(spec, true);
    await state.evaluate([element], ts, 0, this.#alertContext(ts));
    return state.alerts[0]!;
  }

  /**
   * Returns the labels if they differ from each other and the number of series is not limited, so that each series can
   * be evaluated alone.
   */
  #distinctLabels({ type }: QueryResult, labels: readonly Labels[]): readonly Labels[] | undefined {
    if (type !== "matrix" || (this.spec.kind === "recording" && this.group.spec.limit > 0)) return undefined;
    return new Set(labels.map(({ key }) => key)).size === labels.length ? labels : undefined;
  }

  async #advanceTracks(spec: AlertingSpec, result: QueryResult, labels: readonly Labels[], times: Float64Array) {
    const slice = new TimeSlice(this.#context.clock);
    const present = new Map(labels.map(({ key }, index) => [key, index]));
    for (const own of labels) if (!this.#tracks.has(own.key)) this.#tracks.set(own.key, new AlertTrack(own));
    for (const [key, track] of this.#tracks) {
      await slice.yieldToEventLoop();
      const index = present.get(key);
      const series = index === undefined ? undefined : result.series[index]!;
      const fired: (readonly [span: AlertSpan, at: number])[] = [];
      track.advance(times, series?.column, spec, (alert, at) => {
        const span = this.#note(key, alert, times[at]!);
        if (span !== undefined) fired.push([span, at]);
      });
      if (track.alert === undefined) this.#tracks.delete(key);
      if (spec.annotations.size === 0 || series === undefined) continue;
      for (const [span, at] of fired) {
        const histogram = series.column.histograms?.[at];
        const element = { labels: series.labels, value: span.value, histogram };
        span.annotations = (await this.#alertFor(spec, element, times[at]!)).annotations;
      }
    }
  }

  async #record({ series }: QueryResult, labels: readonly Labels[], times: Float64Array): Promise<void> {
    const slice = new TimeSlice(this.#context.clock);
    const { recorded } = this.#data;
    const { queryOffsetMs } = this.group;
    const last = new Map<string, Labels>();
    const written = new Set(labels.map(({ key }) => key));
    const firstAt = times[0]! - queryOffsetMs;
    recorded.end(
      [...this.#series].flatMap(([key, own]) => (written.has(key) ? [] : [own])),
      firstAt,
    );
    for (const [index, own] of labels.entries()) {
      await slice.yieldToEventLoop();
      const { present, values, histograms } = series[index]!.column;
      let wasPresent = this.#series.has(own.key);
      for (const [at, ts] of times.entries()) {
        const isPresent = present[at] !== ABSENT;
        const histogram = present[at] === HISTOGRAM ? histograms![at] : undefined;
        if (isPresent) recorded.append([{ labels: own, value: values[at]!, histogram }], ts - queryOffsetMs);
        else if (wasPresent) recorded.end([own], ts - queryOffsetMs);
        wasPresent = isPresent;
      }
      if (wasPresent) last.set(own.key, own);
    }
    this.#series = last;
  }

  /** Continues with the state of all alerts together. */
  #toState(): void {
    if (this.spec.kind !== "alerting" || this.#state !== undefined) return;
    this.#state = new AlertingRuleState(this.spec, true);
    for (const { alert } of this.#tracks.values()) if (alert !== undefined) this.#state.replace(alert);
    this.#tracks.clear();
  }

  #alertContext(ts: number): AlertContext {
    const { clock, externalLabels, externalUrl, parser, signal } = this.#context;
    const group = { file: this.group.file, name: this.group.spec.name };
    return {
      clock,
      externalLabels,
      externalUrl,
      query: (text) => queryForTemplate((expr) => this.#data.instant(expr, ts, signal, group), text, parser),
      expansion: () => undefined,
    };
  }
}

const missingFrom = (stored: { has(key: string): boolean }, earlier: ReadonlyMap<string, Labels>): readonly Labels[] =>
  [...earlier].flatMap(([key, labels]) => (stored.has(key) ? [] : [labels]));

const FIXED_ACTION = /^(?:\$labels|\.Labels|\$externalLabels|\.ExternalLabels)\.\w{1,200}$/;

/** Reports whether the label templates of a rule depend on the labels of an element alone, not on its value or time. */
const hasFixedLabels = ({ labels }: AlertingSpec): boolean =>
  [...labels.values()].every((text) =>
    text
      .split("{{")
      .slice(1)
      .every((part) => FIXED_ACTION.test(part.slice(0, Math.max(0, part.indexOf("}}"))).trim())),
  );
