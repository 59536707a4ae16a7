import type { Labels } from "@narthex/model";
import type { Alert } from "@narthex/rules";
import type { OccurrenceBudget } from "./occurrence-budget.ts";

/** Position of an alert in the list of a rule's alerts, in which a server sends them. */
export interface AlertPlace {
  /** Evaluation that added the alert to the list, Unix ms. */
  readonly sinceMs: number;
  /** Position among the alerts that the evaluation added. */
  readonly index: number;
}

/** A time in which a server sends an alert to Alertmanager again and again, with the same start and end. Unix ms. */
export interface SendingPeriod {
  readonly labels: Labels;
  readonly place: AlertPlace;
  /** Time at which the alert began to fire. */
  readonly firedAtMs: number;
  /** Time at which the alert was resolved, or undefined while it fires. */
  readonly resolvedAtMs: number | undefined;
  /** Evaluation that sends the alert first. */
  readonly fromMs: number;
  /** First evaluation that does not send the alert any more; Infinity if the backtest ends before. */
  untilMs: number;
}

/** Consecutive evaluations of a rule that failed, Unix ms. */
export interface FailedEvaluations {
  readonly fromMs: number;
  toMs: number;
}

/** Collects when a server would have sent the alerts of one rule, from the states of the alerts. */
export class SendingPeriods {
  readonly all: SendingPeriod[] = [];
  /** Failed evaluations in the order of time. A failed evaluation sends nothing. */
  readonly failed: FailedEvaluations[] = [];
  /** Whether there are more periods than a rule keeps. */
  isCut = false;
  readonly #intervalMs: number;
  readonly #budget: OccurrenceBudget;
  readonly #open = new Map<string, SendingPeriod>();
  readonly #places = new Map<string, AlertPlace>();
  #noted = 0;

  constructor(intervalMs: number, budget: OccurrenceBudget) {
    this.#intervalMs = intervalMs;
    this.#budget = budget;
  }

  /** Notes the state of an alert after an evaluation at the time `ts`. `alert` is undefined if it was removed. */
  note(key: string, alert: Alert | undefined, ts: number): void {
    let place = this.#places.get(key);
    if (alert === undefined) this.#places.delete(key);
    else if (place === undefined) this.#places.set(key, (place = { sinceMs: ts, index: this.#noted++ }));
    const open = this.#open.get(key);
    const isSent = alert !== undefined && alert.state !== "pending";
    if (open !== undefined) {
      if (isSent && open.resolvedAtMs === alert.resolvedAtMs && open.firedAtMs === alert.firedAtMs) return;
      open.untilMs = ts;
      this.#open.delete(key);
    }
    if (!isSent || place === undefined) return;
    const { labels, firedAtMs = ts, resolvedAtMs } = alert;
    const period = { labels, place, firedAtMs, resolvedAtMs, fromMs: ts, untilMs: Infinity };
    this.#open.set(key, period);
    if (this.#budget.take()) this.all.push(period);
    else this.isCut = true;
  }

  noteFailure(ts: number): void {
    const last = this.failed.at(-1);
    if (last !== undefined && last.toMs + this.#intervalMs >= ts) last.toMs = ts;
    else this.failed.push({ fromMs: ts, toMs: ts });
  }
}
