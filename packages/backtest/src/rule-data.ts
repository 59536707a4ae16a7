import type { Labels } from "@narthex/model";
import {
  type Engine,
  type Expr,
  forEachSample,
  type ParserOptions,
  printExpression,
  QueryError,
  type QueryResult,
  type QueryTime,
} from "@narthex/promql";
import { engineQuery, type QueryElement, type RuleQuery } from "@narthex/rules";
import type { Clock } from "@narthex/runtime";
import type { OccurrenceBudget } from "./occurrence-budget.ts";
import type { RecordedSeries } from "./recorded-series.ts";
import type { ReplayedData } from "./replayed-data.ts";

/** Objects that all rules of a backtest share, such as the query engine and the clock. */
export interface ReplayContext {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly parser: ParserOptions;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  /** Ends the backtest with the reason of the signal. */
  readonly signal: AbortSignal;
  /** Evaluates expressions that read only the stored history. By default the engine evaluates all expressions. */
  readonly stored?: StoredQuery | undefined;
}

type StoredQuery = (
  request: QueryTime & { readonly expr: Expr; readonly text: string; readonly signal: AbortSignal },
) => Promise<QueryResult>;

/** The series that the rules of a backtest have written, and the number of occurrences that they may still keep. */
interface Own {
  readonly recorded: RecordedSeries;
  readonly occurrences: OccurrenceBudget;
}

/** The data that rules read and write during a backtest. */
export class RuleData {
  readonly recorded: RecordedSeries;
  readonly instant: RuleQuery;
  readonly occurrences: OccurrenceBudget;
  readonly #signal: AbortSignal;
  readonly #query: StoredQuery;

  constructor({ clock, engine, signal, stored }: ReplayContext, { queryable, readsReplayed }: ReplayedData, own: Own) {
    this.recorded = own.recorded;
    this.occurrences = own.occurrences;
    this.#signal = signal;
    this.#query = (request) =>
      stored === undefined || readsReplayed(request.expr) ? engine.query({ ...request, queryable }) : stored(request);
    this.instant = engineQuery(clock, this.#query);
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
      return await this.#query({ ...request, signal: this.#signal });
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
