import type { JsonObject } from "@narthex/dashboards";
import { reasonOf } from "@narthex/runtime";
import type { DataQuery, DataSource, QueryAnswer, RequestContext } from "../data-source.ts";
import { evaluateExpressions, isExpression, referencesOf } from "../expressions/evaluate-expressions.ts";
import { asObject, flagAt, textAt } from "../json-values.ts";
import { answerOfFailure } from "../query-failure.ts";

/** Returns the uid or name of the source that a target names. Empty if it names none. */
export function sourceReference(source: JsonObject): string {
  const reference = Object.hasOwn(source, "datasource") ? source["datasource"] : undefined;
  if (typeof reference === "string") return reference;
  const object = asObject(reference);
  return object === undefined ? "" : textAt(object, "uid") || textAt(object, "type");
}

/**
 * Runs queries to several sources concurrently, then expressions over their answers. A hidden query runs only if an
 * expression needs it, and its answer is not returned. A failed query does not affect the others. Rejects with the
 * signal's reason when it is aborted.
 */
export async function runQueries(
  queries: readonly DataQuery[],
  signal: AbortSignal,
  context: RequestContext,
): Promise<ReadonlyMap<string, QueryAnswer>> {
  const expressions = queries.filter(({ source }) => isExpression(sourceReference(source)));
  const needed = new Set(expressions.flatMap(({ source }) => referencesOf(source)).map((refId) => refId.toLowerCase()));
  const isHidden = ({ source }: DataQuery): boolean => flagAt(source, "hide") === true;
  const sent = queries.filter(
    (one) => !expressions.includes(one) && (!isHidden(one) || needed.has(one.refId.toLowerCase())),
  );
  const groups = Map.groupBy(sent, ({ source }) => sourceReference(source));
  const answers = new Map<string, QueryAnswer>();
  await Promise.all(
    [...groups].map(async ([reference, group]) => {
      for (const [refId, answer] of await askSource(context.sourceOf(reference), reference, group, signal, context))
        answers.set(refId, answer);
    }),
  );
  const { user, sql } = context;
  for (const [refId, answer] of await evaluateExpressions(expressions, { answers, user, signal, sql }))
    answers.set(refId, answer);
  const shown = queries.filter((one) => !isHidden(one)).map(({ refId }) => refId);
  return new Map(shown.flatMap((refId) => (answers.has(refId) ? [[refId, answers.get(refId)!] as const] : [])));
}

async function askSource(
  source: DataSource | undefined,
  reference: string,
  queries: readonly DataQuery[],
  signal: AbortSignal,
  context: RequestContext,
): Promise<ReadonlyMap<string, QueryAnswer>> {
  const each = (answer: QueryAnswer): ReadonlyMap<string, QueryAnswer> =>
    new Map(queries.map(({ refId }) => [refId, answer]));
  if (source === undefined) {
    const error = reference === "" ? "there is no default data source" : `data source "${reference}" was not found`;
    return each({ frames: [], error, status: 404 });
  }
  try {
    return await source.query(queries, signal, context);
  } catch (error) {
    if (signal.aborted) throw reasonOf(signal);
    return each(answerOfFailure(error));
  }
}
