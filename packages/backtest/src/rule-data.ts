import type { Labels } from "@narthex/model";
import {
  type Engine,
  type Expr,
  forEachSample,
  type ParserOptions,
  printExpression,
  QueryError,
  type QueryResult,
} from "@narthex/promql";
import { engineQuery, type QueryElement, type RuleQuery } from "@narthex/rules";
import type { Clock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import type { RecordedSeries } from "./recorded-series.ts";

/** Objects that all rules of a backtest share, such as the query engine and the clock. */
export interface ReplayContext {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly parser: ParserOptions;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  /** Ends the backtest with the reason of the signal. */
  readonly signal: AbortSignal;
}

/** The data that rules read and write during a backtest. */
export class RuleData {
  readonly recorded: RecordedSeries;
  readonly instant: RuleQuery;
  readonly #engine: Engine;
  readonly #queryable: Queryable;
  readonly #signal: AbortSignal;

  constructor({ clock, engine, signal }: ReplayContext, queryable: Queryable, recorded: RecordedSeries) {
    this.recorded = recorded;
    this.#engine = engine;
    this.#queryable = queryable;
    this.#signal = signal;
    this.instant = engineQuery(clock, (request) => engine.query({ ...request, queryable }));
  }

  /**
   * Evaluates an expression at equally spaced times. Resolves with undefined if the query fails, because it may fail at
   * some of the times only.
   */
  async range(expr: Expr, times: Float64Array, offsetMs: number): Promise<QueryResult | undefined> {
    const [start, end] = [times[0]! - offsetMs, times.at(-1)! - offsetMs];
    const step = times.length > 1 ? times[1]! - times[0]! : 1;
    try {
      const request = { expr, text: printExpression(expr), start, end, step };
      return await this.#engine.query({ ...request, queryable: this.#queryable, signal: this.#signal });
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof QueryError) return undefined;
      throw error;
    }
  }
}

/** Returns the elements that an instant query would have had at each time of a range, by the position of the time. */
export function elementsByStep({ series }: QueryResult, times: Float64Array, offsetMs: number): QueryElement[][] {
  const steps: QueryElement[][] = Array.from(times, () => []);
  const first = times[0]! - offsetMs;
  const step = times.length > 1 ? times[1]! - times[0]! : 1;
  for (const one of series)
    forEachSample(one, (time, value, histogram) =>
      steps[Math.round((time - first) / step)]!.push({ labels: one.labels, value, histogram }),
    );
  return steps;
}
