import type { Labels } from "@narthex/model";
import { ABSENT, type ResultSeries } from "@narthex/promql";
import { type Alert, type AlertingSpec, nextAlert } from "@narthex/rules";

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

/**
 * The alert of one label set, which a rule's result contains at some evaluations. Evaluations that cannot change the
 * state are skipped: those of a pending alert that is not due, and those of a firing alert that is still in the result.
 */
export class AlertTrack {
  readonly labels: Labels;
  #alert: Alert | undefined;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  /** The alert after the last evaluation, or undefined. */
  get alert(): Alert | undefined {
    return this.#alert;
  }

  /**
   * Advances the alert over the evaluations at `times`. `column` contains the values of the evaluations whose result
   * contains the alert; it is undefined if no result does. Calls `changed` after each evaluation that may have changed the state.
   */
  advance(
    times: Float64Array,
    column: ResultSeries["column"] | undefined,
    spec: AlertingSpec,
    changed: (alert: Alert | undefined, at: number) => void,
  ): void {
    for (let at = 0; at < times.length; at++) {
      at = this.#nextChange(at, times, column, spec);
      if (at >= times.length) return;
      const isPresent = column !== undefined && column.present[at] !== ABSENT;
      const seen = isPresent
        ? { labels: this.labels, annotations: NO_ANNOTATIONS, value: column.values[at]! }
        : undefined;
      this.#alert = nextAlert(this.#alert, seen, times[at]!, spec);
      changed(this.#alert, at);
    }
  }

  /** Returns the first evaluation from `at` on that may change the state. */
  #nextChange(
    at: number,
    times: Float64Array,
    column: ResultSeries["column"] | undefined,
    { forMs }: AlertingSpec,
  ): number {
    const alert = this.#alert;
    if (alert === undefined) {
      if (column === undefined) return times.length;
      while (at < times.length && column.present[at] === ABSENT) at++;
      return at;
    }
    if (column === undefined || alert.state === "inactive" || alert.keepFiringSinceMs !== undefined) return at;
    const dueAt = alert.state === "pending" ? alert.activeAtMs + forMs : Infinity;
    while (at < times.length && column.present[at] !== ABSENT && times[at]! < dueAt) at++;
    return at;
  }
}
