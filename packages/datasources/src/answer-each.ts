import { reasonOf } from "@narthex/runtime";
import type { DataQuery, QueryAnswer } from "./data-source.ts";
import { answerOfFailure } from "./query-failure.ts";

/**
 * Waits for the answer to a query. An error becomes the answer. Rejects with the signal's reason if the signal is
 * aborted.
 */
export async function answerOf(answer: () => Promise<QueryAnswer>, signal: AbortSignal): Promise<QueryAnswer> {
  try {
    return await answer();
  } catch (error) {
    if (signal.aborted) throw reasonOf(signal);
    return answerOfFailure(error);
  }
}

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
    queries.map(async (query, index) => [query.refId, await answerOf(() => answer(query, index), signal)] as const),
  );
  return new Map(answers);
}
