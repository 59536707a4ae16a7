import { type FloatHistogram, Labels } from "@narthex/model";
import { type Clock, runInTimeSlices, type Steps } from "@narthex/runtime";
import {
  type Expr,
  forEachSample,
  InstantSeries,
  printExpression,
  QueryError,
  type QueryResult,
} from "@narthex/promql";

export interface Labelled {
  readonly labels: Labels;
}

/** One element of an instant query's result. */
export interface QueryElement extends Labelled {
  /** The series itself. Two elements with the same object have equal labels. */
  readonly identity?: Labelled | undefined;
  /** Value of a float sample; 0 for a histogram. */
  readonly value: number;
  readonly histogram?: FloatHistogram | undefined;
}

/** Name and file of the rule group that runs a query. */
interface RuleGroupName {
  readonly file: string;
  readonly name: string;
}

/**
 * Evaluates an expression at one time (Unix ms). A scalar result is returned as one element without labels. Rejects
 * with the error of the query, or with `rule result is not a vector or scalar` for results of other types.
 */
export type RuleQuery = (
  expr: Expr,
  timeMs: number,
  signal: AbortSignal,
  group: RuleGroupName,
) => Promise<readonly QueryElement[]>;

/** An evaluation failed because of the rule or its query. The API shows the message as `lastError`. */
export class RuleError extends Error {
  override readonly name = "RuleError";
}

export interface RuleSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram?: FloatHistogram | undefined;
}

export interface RuleQueryRequest {
  readonly expr: Expr;
  /** The expression as text. Positions in messages refer to this text. */
  readonly text: string;
  /** Evaluation time, ms. */
  readonly time: number;
  readonly signal: AbortSignal;
  readonly group: RuleGroupName;
}

/**
 * Returns a function that evaluates rules as instant queries. Long queries regularly yield to the event loop. Rules
 * should have a separate limit of concurrent queries, so that dashboards cannot use up the limit of the rules.
 */
export function engineQuery(clock: Clock, run: (order: RuleQueryRequest) => Promise<QueryResult>): RuleQuery {
  return async (expr, time, signal, group) => {
    try {
      const result = await run({ expr, text: textOf(expr), time, signal, group });
      if (result.type !== "vector" && result.type !== "scalar")
        throw new RuleError("rule result is not a vector or scalar");
      return await runInTimeSlices(clock, elementsOf(result));
    } catch (error) {
      if (error instanceof QueryError) throw new RuleError(error.message, { cause: error });
      throw error;
    }
  };
}

/** The text of each rule's expression, which exists as long as the rule. */
const texts = new WeakMap<Expr, string>();

function textOf(expr: Expr): string {
  let text = texts.get(expr);
  if (text === undefined) texts.set(expr, (text = printExpression(expr)));
  return text;
}

/** Number of elements that are handled in one step. */
export const ELEMENTS_PER_STEP = 64;

function* elementsOf({ type, series }: QueryResult): Steps<QueryElement[]> {
  const elements: QueryElement[] = [];
  for (const [i, one] of series.entries()) {
    if (i % ELEMENTS_PER_STEP === 0) yield;
    if (one instanceof InstantSeries) {
      elements.push(one);
      continue;
    }
    const labels = type === "scalar" ? Labels.EMPTY : one.labels;
    forEachSample(one, (_time, value, histogram) => elements.push({ labels, value, histogram }));
  }
  return elements;
}
