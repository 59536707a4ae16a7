import type { Frame, JsonObject } from "@narthex/dashboards";
import { reasonOf } from "@narthex/runtime";
import type { DataQuery, QueryAnswer } from "../data-source.ts";
import { textAt } from "../json-values.ts";
import { type RequestBudgets, requestBudgets, type ValueBudget } from "../value-budget.ts";
import { answerOfFailure, QueryFailure } from "../query-failure.ts";
import type { SqlEngine, SqlTable } from "../sql-engine.ts";
import { classicConditions, conditionReferences } from "./classic-conditions.ts";
import { type ExpressionValue, framesOfValue, valueOfFrames } from "./expression-value.ts";
import { evaluateMath, mathReferences } from "./math.ts";
import { reduceValue, resampleValue, thresholdValue } from "./reduce-resample.ts";
import { framesOfSql, valueOfTable } from "./sql/sql-answer.ts";
import { tableOfFrames } from "./sql/table-of-frames.ts";
import { tableNames } from "./sql/table-names.ts";

const UIDS: ReadonlySet<string> = new Set(["__expr__", "-100", "Expression"]);

/** Reports whether a data source uid means an expression over the answers of other targets, and not a server. */
export const isExpression = (reference: string): boolean => UIDS.has(reference);

/** Types of expressions whose text is the refId of one query. */
const WITH_INPUT: ReadonlySet<string> = new Set(["reduce", "resample", "threshold"]);

/** Returns the refIds that an expression uses. Empty if the expression is invalid. */
export function referencesOf(source: JsonObject): readonly string[] {
  const type = textAt(source, "type");
  const expression = textAt(source, "expression");
  if (type === "classic_conditions") return conditionReferences(source);
  if (WITH_INPUT.has(type)) return expression === "" ? [] : [singleReference(expression)];
  try {
    return type === "sql" ? tableNames(expression) : type === "math" ? mathReferences(expression) : [];
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

/** The answers and rights of the request whose expressions are evaluated. */
export interface ExpressionRequest {
  readonly answers: ReadonlyMap<string, QueryAnswer>;
  readonly user: string;
  readonly signal: AbortSignal;
  /** Runs SQL expressions. If absent, they are refused. */
  readonly sql?: SqlEngine | undefined;
}

/**
 * Evaluates expressions over the given answers and over the results of other expressions. Rejects with the signal's
 * reason when it is aborted.
 */
export async function evaluateExpressions(
  expressions: readonly DataQuery[],
  request: ExpressionRequest,
): Promise<ReadonlyMap<string, QueryAnswer>> {
  const evaluation = new Evaluation(expressions, request);
  for (const query of expressions) await evaluation.answer(query);
  return evaluation.done;
}

/** Computes the answers of the expressions of one request, one after the other. */
class Evaluation {
  readonly done = new Map<string, QueryAnswer>();
  readonly #request: ExpressionRequest;
  readonly #byRefId: ReadonlyMap<string, DataQuery>;
  readonly #inProgress = new Set<string>();
  readonly #budgets: RequestBudgets;
  #statements = 0;

  constructor(expressions: readonly DataQuery[], request: ExpressionRequest) {
    this.#request = request;
    this.#byRefId = new Map(expressions.map((one) => [one.refId, one]));
    this.#budgets = expressions[0]?.budgets ?? requestBudgets();
  }

  async answer(query: DataQuery): Promise<QueryAnswer> {
    const { refId } = query;
    const known = this.done.get(refId);
    if (known !== undefined) return known;
    if (this.#inProgress.has(refId)) throw new QueryFailure(400, `expression ${refId} depends on itself`);
    this.#inProgress.add(refId);
    let made: QueryAnswer;
    try {
      made = { frames: await this.#framesOf(query), status: 200 };
    } catch (error) {
      if (this.#request.signal.aborted) throw reasonOf(this.#request.signal);
      made = answerOfFailure(error);
    }
    this.done.set(refId, made);
    return made;
  }

  async #framesOf(query: DataQuery): Promise<readonly Frame[]> {
    if (textAt(query.source, "type") === "sql") return this.#framesOfSql(query);
    // The formula is checked first, so that its error precedes those of its inputs.
    const values = new Map<string, ExpressionValue>();
    for (const refId of checkedReferences(query.source)) values.set(refId, await this.#valueOf(refId));
    const { computed } = this.#budgets;
    const valueOf = (refId: string): ExpressionValue => {
      const value = values.get(refId)!;
      // A formula may use the same input many times.
      for (const { times, values: given } of value) computed.take(given.length * (times === undefined ? 1 : 2));
      return value;
    };
    return framesOfValue(query.refId, evaluate(query, valueOf, computed));
  }

  async #valueOf(refId: string): Promise<ExpressionValue> {
    const frames = await this.#inputOf(refId);
    const source = this.#byRefId.get(refId)?.source;
    const isTable = source !== undefined && textAt(source, "type") === "sql" && textAt(source, "format") !== "alerting";
    return isTable ? frames.flatMap(valueOfTable) : valueOfFrames(frames);
  }

  /** Returns the frames of a query or an expression. Rejects with QueryFailure. */
  async #inputOf(refId: string): Promise<readonly Frame[]> {
    const expression = this.#byRefId.get(refId);
    const given = expression === undefined ? this.#request.answers.get(refId) : await this.answer(expression);
    if (given === undefined) throw new QueryFailure(400, `there is no query ${refId}`);
    if (given.error !== undefined) throw new QueryFailure(given.status, `query ${refId}: ${given.error}`);
    for (const { length, fields } of given.frames) this.#budgets.computed.take(length * fields.length);
    return given.frames;
  }

  async #framesOfSql({ refId, source }: DataQuery): Promise<readonly Frame[]> {
    const { sql: engine, user, signal } = this.#request;
    if (++this.#statements > MAX_STATEMENTS)
      throw new QueryFailure(400, `a request has at most ${MAX_STATEMENTS} SQL expressions; use several panels`);
    if (engine === undefined) throw new QueryFailure(400, "SQL expressions are not available here");
    const sql = textAt(source, "expression");
    const tables: SqlTable[] = [];
    for (const name of tableNames(sql)) {
      const input = this.#refIdOf(name, refId);
      tables.push(tableOfFrames(input, await this.#inputOf(input)));
    }
    return framesOfSql(refId, source, await engine.run({ sql, tables, user, cells: this.#budgets.cells, signal }));
  }

  /** Returns the refId that the name of a table means. Names of tables do not distinguish upper and lower case. */
  #refIdOf(table: string, own: string): string {
    const known = [...this.#request.answers.keys(), ...this.#byRefId.keys()];
    const found =
      known.find((refId) => refId === table) ?? known.find((refId) => refId.toLowerCase() === table.toLowerCase());
    if (found !== undefined) return found;
    const others = known.filter((refId) => refId !== own);
    throw new QueryFailure(
      400,
      `there is no query ${table}; a table is the name of another query: ${others.slice(0, MAX_NAMED).join(", ") || "add one"}`,
    );
  }
}

const MAX_NAMED = 30;
/** Largest number of SQL expressions of a request. They run one after the other, each for at most ten seconds. */
const MAX_STATEMENTS = 20;

/** Returns the refIds that an expression uses. Throws QueryFailure if the expression is invalid. */
function checkedReferences(source: JsonObject): readonly string[] {
  return textAt(source, "type") === "math" ? mathReferences(textAt(source, "expression")) : referencesOf(source);
}

function evaluate(
  { source, range }: DataQuery,
  valueOf: (refId: string) => ExpressionValue,
  budget: ValueBudget,
): ExpressionValue {
  const type = textAt(source, "type");
  const expression = textAt(source, "expression");
  if (type === "math") return evaluateMath(expression, valueOf, budget);
  if (type === "classic_conditions") return classicConditions(source, valueOf);
  const input = (): ExpressionValue => {
    if (expression === "") throw new QueryFailure(400, "the expression has no input; choose a query");
    return valueOf(singleReference(expression));
  };
  if (type === "reduce") return reduceValue(source, input());
  if (type === "resample") return resampleValue(source, input(), range, budget);
  if (type === "threshold") return thresholdValue(source, input());
  throw new QueryFailure(
    400,
    `expressions of type "${type}" are not supported; supported are math, reduce, resample, threshold, classic_conditions, sql`,
  );
}
