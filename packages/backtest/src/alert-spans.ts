import type { Labels } from "@narthex/model";
import type { Alert } from "@narthex/rules";
import type { OccurrenceBudget } from "./occurrence-budget.ts";

/** One occurrence of an alert. Times are in Unix ms; undefined means that the event did not happen in the range. */
export interface AlertSpan {
  readonly labels: Labels;
  readonly activeAtMs: number;
  firedAtMs: number | undefined;
  /** Time at which the alert was resolved, or at which it stopped to be pending. */
  endedAtMs: number | undefined;
  /** Value when the alert began to fire; before that, its first value. */
  value: number;
  /** Annotations when the alert began to fire. Empty if it did not fire. */
  annotations: ReadonlyMap<string, string>;
}

/** Collects the occurrences of the alerts of one rule from the states of the alerts. */
export class AlertSpans {
  readonly all: AlertSpan[] = [];
  /** Number of occurrences that are not kept. */
  hidden = 0;
  readonly #open = new Map<string, AlertSpan>();
  readonly #budget: OccurrenceBudget;

  constructor(budget: OccurrenceBudget) {
    this.#budget = budget;
  }

  /** Notes the state of an alert after an evaluation at the time `ts`. `alert` is undefined if it was removed. */
  note(key: string, alert: Alert | undefined, ts: number): AlertSpan | undefined {
    const open = this.#open.get(key);
    if (alert === undefined || alert.state === "inactive") {
      if (open !== undefined) open.endedAtMs = ts;
      this.#open.delete(key);
      return undefined;
    }
    const span = open ?? this.#begin(key, alert);
    if (alert.state !== "firing" || span.firedAtMs !== undefined) return undefined;
    span.firedAtMs = alert.firedAtMs ?? ts;
    span.value = alert.value;
    span.annotations = alert.annotations;
    return span;
  }

  #begin(key: string, { labels, activeAtMs, value }: Alert): AlertSpan {
    const span: AlertSpan = {
      labels,
      activeAtMs,
      firedAtMs: undefined,
      endedAtMs: undefined,
      value,
      annotations: new Map(),
    };
    this.#open.set(key, span);
    if (this.#budget.take()) this.all.push(span);
    else this.hidden++;
    return span;
  }
}
