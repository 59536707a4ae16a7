import { reasonOf } from "@narthex/runtime";
import type { DataQuery, QueryAnswer } from "./data-source.ts";
import { answerOfFailure } from "./query-failure.ts";

/**
 * Answers queries concurrently. An error of one query becomes its answer, and does not affect the others. Rejects with
 * the signal's reason when it is aborted.
 */
export async function answerEach(
  queries: readonly DataQuery[],
  signal: AbortSignal,
  answer: (query: DataQuery, index: number) => Promise<QueryAnswer>,
): Promise<ReadonlyMap<string, QueryAnswer>> {
  const answers = await Promise.all(
    queries.map(async (query, index): Promise<readonly [string, QueryAnswer]> => {
      try {
        return [query.refId, await answer(query, index)];
      } catch (error) {
        if (signal.aborted) throw reasonOf(signal);
        return [query.refId, answerOfFailure(error)];
      }
    }),
  );
  return new Map(answers);
}
