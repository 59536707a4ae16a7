import type { Expr } from "@narthex/promql";
import type { QueryElement } from "@narthex/rules";
import type { ReplayedGroup } from "./replayed-group.ts";
import { elementsByStep, type RuleData } from "./rule-data.ts";

/** The group of a rule, and the signal that ends the backtest. */
type RangeGroup = Pick<ReplayedGroup, "file" | "spec" | "queryOffsetMs"> & { readonly signal: AbortSignal };

/**
 * Results of the other expressions of a rule, those of its behaviour, at the times of a range. An expression is evaluated
 * over the whole range when the first of its results is needed.
 */
export class RangeResults {
  readonly #data: Pick<RuleData, "range" | "instant">;
  readonly #times: Float64Array;
  readonly #group: RangeGroup;
  /** Elements at each time, by expression; undefined if the query over the range failed. */
  readonly #results = new Map<Expr, readonly (readonly QueryElement[])[] | undefined>();

  constructor(data: Pick<RuleData, "range" | "instant">, times: Float64Array, group: RangeGroup) {
    this.#data = data;
    this.#times = times;
    this.#group = group;
  }

  /** Returns the result of an expression at the time with the position `at`. */
  async at(expr: Expr, at: number): Promise<readonly QueryElement[]> {
    const { file, spec, queryOffsetMs, signal } = this.#group;
    if (!this.#results.has(expr)) {
      const result = await this.#data.range(expr, this.#times, queryOffsetMs);
      this.#results.set(expr, result && elementsByStep(result, this.#times, queryOffsetMs));
    }
    const known = this.#results.get(expr)?.[at];
    return known ?? this.#data.instant(expr, this.#times[at]! - queryOffsetMs, signal, { file, name: spec.name });
  }
}
