import type { JsonObject } from "@narthex/dashboards";
import type { DataQuery, QueryAnswer } from "../data-source.ts";
import { textAt } from "../json-values.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";
import { answerOfFailure, QueryFailure } from "../query-failure.ts";
import { type ExpressionValue, framesOfValue, valueOfFrames } from "./expression-value.ts";
import { evaluateMath, mathReferences } from "./math.ts";
import { reduceValue, resampleValue, thresholdValue } from "./reduce-resample.ts";

const UIDS: ReadonlySet<string> = new Set(["__expr__", "-100", "Expression"]);

/** Reports whether a data source uid means an expression over the answers of other targets, and not a server. */
export const isExpression = (reference: string): boolean => UIDS.has(reference);

/** Returns the refIds that an expression uses. Empty if the expression is invalid. */
export function referencesOf(source: JsonObject): readonly string[] {
  const expression = textAt(source, "expression");
  if (textAt(source, "type") !== "math") return expression === "" ? [] : [singleReference(expression)];
  try {
    return mathReferences(expression);
  } catch {
    return [];
  }
}

/** Returns the refId that an expression of the form `A`, `$A` or `${A}` refers to. */
const singleReference = (expression: string): string =>
  expression
    .trim()
    .replace(/^\$\{?/, "")
    .replace(/\}$/, "");

/** Evaluates expressions over the given answers and over the results of other expressions. */
export function evaluateExpressions(
  expressions: readonly DataQuery[],
  answers: ReadonlyMap<string, QueryAnswer>,
): ReadonlyMap<string, QueryAnswer> {
  const byRefId = new Map(expressions.map((one) => [one.refId, one]));
  const done = new Map<string, QueryAnswer>();
  const inProgress = new Set<string>();
  const budget = (expressions[0]?.budgets ?? requestBudgets()).computed;
  const answer = (query: DataQuery): QueryAnswer => {
    const { refId } = query;
    const known = done.get(refId);
    if (known !== undefined) return known;
    if (inProgress.has(refId)) throw new QueryFailure(400, `expression ${refId} depends on itself`);
    inProgress.add(refId);
    let made: QueryAnswer;
    try {
      made = { frames: framesOfValue(refId, evaluate(query, valueOf, budget)), status: 200 };
    } catch (error) {
      made = answerOfFailure(error);
    }
    done.set(refId, made);
    return made;
  };
  const valueOf = (refId: string): ExpressionValue => {
    const expression = byRefId.get(refId);
    const given = expression === undefined ? answers.get(refId) : answer(expression);
    if (given === undefined) throw new QueryFailure(400, `there is no query ${refId}`);
    if (given.error !== undefined) throw new QueryFailure(given.status, `query ${refId}: ${given.error}`);
    for (const { length, fields } of given.frames) budget.take(length * fields.length);
    return valueOfFrames(given.frames);
  };
  for (const query of expressions) answer(query);
  return done;
}

function evaluate(
  { source, range }: DataQuery,
  valueOf: (refId: string) => ExpressionValue,
  budget: ValueBudget,
): ExpressionValue {
  const type = textAt(source, "type");
  const expression = textAt(source, "expression");
  if (type === "math") return evaluateMath(expression, valueOf, budget);
  const input = (): ExpressionValue => valueOf(singleReference(expression));
  if (type === "reduce") return reduceValue(source, input());
  if (type === "resample") return resampleValue(source, input(), range, budget);
  if (type === "threshold") return thresholdValue(source, input());
  throw new QueryFailure(
    400,
    `expressions of type "${type}" are not supported; supported are math, reduce, resample, threshold`,
  );
}
