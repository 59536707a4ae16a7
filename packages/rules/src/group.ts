import { formatDuration, type Labels } from "@narthex/model";
import type { Appendable, Queryable } from "@narthex/storage";
import {
  type Clock,
  eventLoop,
  isProgramFault,
  type Logger,
  type Operation,
  type ReportError,
  runInTimeSlices,
  type Steps,
} from "@narthex/runtime";
import { type Expr, parseExpression, type ParserOptions, printExpression, type QueryGate } from "@narthex/promql";
import { type QuerySample, stringMap } from "@narthex/template";
import type { Alert, AlertSample } from "./alert.ts";
import type { AlertContext, AlertingRuleState } from "./alerting-rule-state.ts";
import { type BehaviourQueries, behaviourQueries } from "./behaviour/behaviour-state.ts";
import { restoreBehaviour } from "./behaviour/restore-behaviour.ts";
import { concurrentBatches } from "./concurrent-rules.ts";
import { type GroupNumbers, type RuleObserver, zeroNumbers } from "./metrics.ts";
import { restoreAlertState, restoreStarts } from "./restore.ts";
import { storedAlerts, StoredAlertsCache } from "./stored-alerts.ts";
import { endSeries, type WriteReport, writeResults } from "./result-writer.ts";
import type { RuleQuery, RuleSample } from "./rule-query.ts";
import type { AlertingSpec, GroupSpec } from "./rule-spec.ts";
import { ruleIdentity, RunningRule } from "./running-rule.ts";
import type { RestoreContext, RestoreLimits } from "./stored-alert.ts";
import { groupTiming, nextSlot, slotBefore, slotOffset } from "./schedule.ts";

/** An alert to send to Alertmanager, with a link to the expression of its rule. */
export interface DueAlert {
  readonly alert: Alert;
  readonly generatorUrl: string;
}

/** Objects that all rule groups of a server share, such as the clock, the storage and the receiver of alerts. */
export interface GroupContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly query: RuleQuery;
  /** Options for parsing expressions. Default: without experimental features. */
  readonly parser?: ParserOptions;
  readonly storage: Appendable;
  readonly history: Queryable;
  readonly notify: (alerts: readonly DueAlert[]) => void;
  /** Reports an unexpected error of a rule evaluation. Such an error is a bug. */
  readonly reportError: ReportError;
  readonly observer: RuleObserver;
  readonly externalUrl: string;
  readonly resendDelayMs: number;
  readonly restore: RestoreLimits;
  /**
   * Limits how many rules run concurrently with other rules of their group. The limit applies to all groups together.
   * If undefined, the rules of a group run one after the other.
   */
  readonly slots?: QueryGate | undefined;
}

/** Settings of rule groups from the section `global` of the configuration. */
export interface GroupDefaults {
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  readonly externalLabels: Labels;
}

export class RuleGroup {
  readonly file: string;
  readonly spec: GroupSpec;
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  readonly rules: readonly RunningRule[];
  readonly numbers: GroupNumbers = zeroNumbers();
  readonly #context: GroupContext;
  readonly #externalLabels: Labels;
  /** Offset in ns of the evaluations within the interval. */
  readonly #slotOffset: bigint;
  readonly #stop = new AbortController();
  readonly #logger: Logger;
  /** The rules of the group in batches. The rules of a batch may be evaluated concurrently. */
  readonly #batches: readonly (readonly RunningRule[])[];
  #running: Promise<void> | undefined;
  #shouldRestore: boolean;
  /** Series of rules that a reload of the configuration removed. The next evaluation writes stale markers for them. */
  #orphans: Labels[] = [];
  /** Stored alerts of rules that are not restored yet, during an evaluation. */
  readonly #storedAlerts = new StoredAlertsCache();

  constructor(file: string, spec: GroupSpec, defaults: GroupDefaults, context: GroupContext, shouldRestore: boolean) {
    this.file = file;
    this.spec = spec;
    const { intervalMs, queryOffsetMs } = groupTiming(spec, defaults);
    this.intervalMs = intervalMs;
    this.queryOffsetMs = queryOffsetMs;
    this.rules = spec.rules.map((rule) => new RunningRule(rule, !shouldRestore));
    this.#context = context;
    this.#externalLabels = defaults.externalLabels;
    this.#slotOffset = slotOffset(file, spec.name, intervalMs);
    this.#shouldRestore = shouldRestore;
    this.#logger = context.logger.child({ file, group: spec.name });
    const batches = context.slots === undefined ? spec.rules.map((_, i) => [i]) : concurrentBatches(spec.rules);
    this.#batches = batches.map((places) => places.map((i) => this.rules[i]!));
  }

  /** Name of the group in metrics, in the form `file;name`. */
  get key(): string {
    return `${this.file};${this.spec.name}`;
  }

  get ruleCount(): number {
    return this.rules.length;
  }

  /**
   * The complete definition of the group as text. If the text is equal after a reload, the group continues unchanged.
   */
  get identity(): string {
    const { intervalMs, queryOffsetMs, spec } = this;
    return JSON.stringify([
      intervalMs,
      queryOffsetMs,
      spec.limit,
      this.#externalLabels.key,
      spec.rules.map(ruleIdentity),
    ]);
  }

  /** Series that the last evaluation wrote. When the group is removed, stale markers are written for these series. */
  get series(): readonly Labels[] {
    return [...this.rules.flatMap(({ series }) => series.labels), ...this.#orphans];
  }

  /** Starts the evaluations of the group: the first at the next scheduled time, then one per interval. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Stops the evaluations of the group. Resolves when the evaluation in progress has ended. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error("rule group stopped"));
    await this.#running;
  }

  /**
   * Takes over the state of the group with the same file and name from before a reload. Must be called after the old
   * group has stopped and before start().
   */
  adopt(old: RuleGroup): void {
    const free = new Map<string, RunningRule[]>();
    for (const rule of old.rules) free.set(rule.identity, [...(free.get(rule.identity) ?? []), rule]);
    for (const rule of this.rules) {
      const match = free.get(rule.identity)?.shift();
      if (match !== undefined) rule.adopt(match);
    }
    const left = [...free.values()].flat();
    this.#orphans = [...old.#orphans, ...left.flatMap(({ series }) => series.labels)];
    this.#shouldRestore = old.#shouldRestore;
    Object.assign(this.numbers, old.numbers);
  }

  async #run(): Promise<void> {
    const { clock } = this.#context;
    const { signal } = this.#stop;
    let at = slotBefore(clock.now(), this.#slotOffset, this.intervalMs) + this.intervalMs;
    let iterations = 0;
    for (;;) {
      const slot = await this.#waitFor(at);
      if (slot === undefined) return;
      at = slot;
      try {
        if (iterations === 0 && this.#shouldRestore) await this.#restoreBehaviours(Math.floor(at));
        await this.#iterate(Math.floor(at));
        if (++iterations === 2 && this.#shouldRestore) await this.#restore(Math.floor(at));
      } catch (error) {
        this.#context.reportError(error, { file: this.file, group: this.spec.name });
      }
      this.#storedAlerts.clear();
      if (signal.aborted) return;
      const next = nextSlot(at, clock.now(), this.intervalMs);
      this.numbers.missed += next.missed;
      this.numbers.iterations += next.missed;
      at = next.at;
    }
  }

  /**
   * Waits for a scheduled evaluation. If the clock is set back during the wait, waits for the next scheduled time of
   * the new clock. Returns the time, or undefined if the group is stopped.
   */
  async #waitFor(at: number): Promise<number | undefined> {
    const { clock } = this.#context;
    const { intervalMs } = this;
    try {
      do {
        const left = at - clock.now();
        if (left >= 2 * intervalMs) {
          at = slotBefore(clock.now(), this.#slotOffset, intervalMs) + intervalMs;
          this.#logger.warn("The clock was set back, evaluating by the new time", {
            by: formatDuration(Math.round(left)),
          });
        }
        // Waits again if the wall clock is still slightly before `at`, because the timer uses the monotonic clock.
        await clock.sleep(Math.max(0, at - clock.now()), this.#stop.signal);
      } while (at - clock.now() >= 1);
      return at;
    } catch (error) {
      if (this.#stop.signal.aborted) return undefined;
      throw error;
    }
  }

  async #iterate(ts: number): Promise<void> {
    const { clock, observer } = this.#context;
    this.numbers.iterations++;
    const started = clock.monotonic();
    await this.evaluate(ts);
    const seconds = (clock.monotonic() - started) / 1000;
    observer.group(seconds);
    this.numbers.lastDuration = seconds;
    this.numbers.lastRuleSum = this.rules.reduce((sum, rule) => sum + rule.evaluationTime, 0);
  }

  /** Evaluates all rules once at the time `ts` (Unix ms). A rule sees the samples of rules on which it depends. */
  async evaluate(ts: number): Promise<void> {
    this.numbers.lastEvaluationMs = this.#context.clock.now();
    let samples = 0;
    for (const batch of this.#batches) {
      const count = await this.#evaluateBatch(batch, ts);
      if (count === undefined) return;
      samples += count;
    }
    this.numbers.lastSamples = samples;
    const orphans = this.#orphans;
    this.#orphans = [];
    const { clock, storage } = this.#context;
    await endSeries(clock, storage, orphans, ts - this.queryOffsetMs).catch((error: unknown) =>
      this.#logger.warn("Stale sample append for previous configuration failed", { err: error }),
    );
  }

  /**
   * Evaluates the rules of a batch concurrently, or one after the other if too many rules are running. Returns the
   * number of samples, or undefined if the group was stopped in the meantime.
   */
  async #evaluateBatch(batch: readonly RunningRule[], ts: number): Promise<number | undefined> {
    const { slots } = this.#context;
    const counts: Promise<number>[] = [];
    for (const rule of batch) {
      if (this.#stop.signal.aborted) break;
      const release = batch.length > 1 ? slots?.tryAcquire() : undefined;
      const count = this.#evaluateRule(rule, ts);
      counts.push(release === undefined ? count : count.finally(release));
      if (release === undefined) await count;
    }
    const done = await Promise.all(counts);
    return done.length < batch.length ? undefined : done.reduce((sum, count) => sum + count, 0);
  }

  async #evaluateRule(rule: RunningRule, ts: number): Promise<number> {
    const { clock, storage, observer } = this.#context;
    const started = clock.monotonic();
    rule.lastEvaluationMs = clock.now();
    this.numbers.evaluations++;
    const operation = eventLoop.begin("group", this.key);
    try {
      const samples = await this.#outputOf(rule, ts, operation);
      eventLoop.resume(operation);
      rule.health = "ok";
      rule.lastError = undefined;
      if (rule.alertState !== undefined) {
        if (!rule.alertState.restored) await this.#restoreStarts(rule.alertState, ts);
        await runInTimeSlices(clock, this.#send(rule.alertState, ts));
        eventLoop.resume(operation);
      }
      const report = await writeResults(clock, storage, samples, rule.series, ts - this.queryOffsetMs);
      rule.series = report.stored;
      this.#noteDropped(rule, report);
      return samples.length;
    } catch (error) {
      if (this.#stop.signal.aborted) return 0;
      rule.health = "err";
      rule.lastError = error instanceof Error ? error.message : String(error);
      this.numbers.failures++;
      const fields = { file: this.file, group: this.spec.name, rule: rule.spec.name };
      if (isProgramFault(error)) this.#context.reportError(error, fields);
      else this.#logger.warn("Evaluating rule failed", { rule: rule.spec.name, err: error });
      return 0;
    } finally {
      rule.evaluationTime = (clock.monotonic() - started) / 1000;
      observer.rule(rule.evaluationTime);
    }
  }

  async #outputOf(rule: RunningRule, ts: number, operation: Operation): Promise<RuleSample[]> {
    const { clock } = this.#context;
    const result = await this.#query(rule.spec.expr, ts - this.queryOffsetMs);
    eventLoop.resume(operation);
    const { limit } = this.spec;
    if (rule.recordedLabels !== undefined) return runInTimeSlices(clock, rule.recordedLabels.samples(result, limit));
    const { spec, alertState } = rule;
    const queries = spec.kind === "alerting" ? this.#behaviourQueries(spec, ts) : undefined;
    return alertState!.evaluate(result, ts, limit, this.#alertContext(ts), queries);
  }

  #behaviourQueries(spec: AlertingSpec, ts: number): BehaviourQueries | undefined {
    return behaviourQueries(spec, (expr) => this.#query(expr, ts - this.queryOffsetMs));
  }

  #query(expr: Expr, timeMs: number): ReturnType<RuleQuery> {
    return this.#context.query(expr, timeMs, this.#stop.signal, { file: this.file, name: this.spec.name });
  }

  #alertContext(ts: number): AlertContext {
    const { clock, externalUrl, parser, observer } = this.#context;
    return {
      clock,
      externalLabels: this.#externalLabels,
      externalUrl,
      query: (text) => queryForTemplate((expr) => this.#query(expr, ts), text, parser),
      expansion: (hasFailed) => observer.expansion(hasFailed),
    };
  }

  *#send(state: AlertingRuleState, ts: number): Steps<void> {
    const { resendDelayMs, notify, externalUrl } = this.#context;
    let generatorUrl: string | undefined;
    for (const due of state.takeDue(ts, resendDelayMs, 4 * Math.max(this.intervalMs, resendDelayMs))) {
      if (due.length > 0) {
        const url = (generatorUrl ??= graphUrl(externalUrl, state));
        notify(due.map((alert) => ({ alert, generatorUrl: url })));
      }
      yield;
    }
  }

  #noteDropped(rule: RunningRule, report: WriteReport): void {
    const { error, outOfOrder, tooOld, duplicates, invalid } = report;
    if (error === undefined) return;
    rule.health = "err";
    rule.lastError = error;
    const dropped = { out_of_order: outOfOrder, too_old: tooOld, duplicate: duplicates, invalid };
    // Does not log a full storage, because the storage logs this itself.
    if (Object.values(dropped).every((count) => count === 0)) return;
    this.#logger.warn("Samples of a rule evaluation were dropped", { rule: rule.spec.name, ...dropped });
  }

  /** Restores the alerts of rules with a behaviour before the first evaluation, which takes place at the time `ts`. */
  async #restoreBehaviours(ts: number): Promise<void> {
    const { history, restore } = this.#context;
    for (const rule of this.rules) {
      const { alertState, spec } = rule;
      if (alertState?.behaviour === undefined || alertState.restored || spec.kind !== "alerting") continue;
      try {
        rule.series = await restoreBehaviour(alertState, alertState.behaviour, {
          clock: this.#context.clock,
          history,
          firstMs: ts,
          intervalMs: this.intervalMs,
          queryOffsetMs: this.queryOffsetMs,
          limits: restore,
          evaluateAt: (timeMs) => this.#resultAt(alertState, timeMs),
          noDataAlertAt: (timeMs) => alertState.noDataAlert(timeMs, this.#alertContext(timeMs)),
          queriesAt: (timeMs) => this.#behaviourQueries(spec, timeMs)!,
        });
      } catch (error) {
        this.#logger.error("Failed to restore the alerts of a rule with a behaviour", { rule: spec.name, err: error });
      }
      alertState.restored = true;
    }
  }

  /** Gives firing alerts their stored start before they are sent. If this fails, they are sent with a new start. */
  async #restoreStarts(state: AlertingRuleState, evaluatedAtMs: number): Promise<void> {
    await restoreStarts(state, this.#restoreContext(state, evaluatedAtMs)).catch((error: unknown) =>
      this.#logger.error("Failed to restore the start of alerts", { rule: state.spec.name, err: error }),
    );
  }

  #restoreContext(state: AlertingRuleState, evaluatedAtMs: number): RestoreContext {
    const { clock, history, restore: limits } = this.#context;
    const nowMs = clock.now();
    return {
      storedAlerts: () => this.#storedAlerts.of(state, () => storedAlerts(state, { clock, history, nowMs, limits })),
      nowMs,
      evaluatedAtMs,
      intervalMs: this.intervalMs,
      slotOffsetNs: this.#slotOffset,
      limits,
      evaluateAt: (timeMs) => this.#resultAt(state, timeMs),
    };
  }

  /** Evaluates the expression of an alerting rule at an earlier time. Returns the alerts of the result. */
  async #resultAt(state: AlertingRuleState, timeMs: number): Promise<ReadonlyMap<string, AlertSample>> {
    const result = await this.#query(state.spec.expr, timeMs - this.queryOffsetMs);
    return state.samplesOf(result, timeMs, this.#alertContext(timeMs));
  }

  async #restore(evaluatedAtMs: number): Promise<void> {
    const { clock } = this.#context;
    const started = clock.monotonic();
    for (const { alertState } of this.rules) {
      if (alertState === undefined || alertState.restored) continue;
      try {
        await restoreAlertState(alertState, this.#restoreContext(alertState, evaluatedAtMs));
      } catch (error) {
        this.#logger.error("Failed to restore 'for' state", { rule: alertState.spec.name, err: error });
        alertState.restored = true;
      }
    }
    this.#shouldRestore = false;
    this.numbers.lastRestore = (clock.monotonic() - started) / 1000;
  }
}

/**
 * Implements the template function `query`: parses an expression, and evaluates it at the time of the rule evaluation.
 */
export async function queryForTemplate(
  evaluate: (expr: Expr) => ReturnType<RuleQuery>,
  text: string,
  parser: ParserOptions | undefined,
): Promise<readonly QuerySample[]> {
  const parsed = parseExpression(text, parser);
  if (!parsed.ok) throw new Error(parsed.errors[0].toString());
  const elements = await evaluate(parsed.expr);
  return elements.map(({ labels, value, histogram }) => ({ Labels: stringMap(labels), Value: histogram ?? value }));
}

/** Returns the link to the expression of a rule. */
const graphUrl = (externalUrl: string, { spec }: AlertingRuleState): string =>
  `${externalUrl}/graph?g0.expr=${escapeQuery(printExpression(spec.expr))}&g0.tab=1`;

/** Escapes a text for the query of a URL like Go's url.QueryEscape: spaces become `+`. */
const escapeQuery = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll("%20", "+")
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
