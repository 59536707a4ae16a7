import type { Frame } from "@narthex/dashboards";
import { reasonOf } from "@narthex/runtime";
import type { DataQuery, QueryAnswer } from "../data-source.ts";
import { answerOfFailure } from "../query-failure.ts";

/** Answers each query with its frames. A failed query does not affect the others. */
export async function answerEach(
  queries: readonly DataQuery[],
  signal: AbortSignal,
  framesOf: (query: DataQuery) => Promise<readonly Frame[]>,
): Promise<ReadonlyMap<string, QueryAnswer>> {
  const answers = queries.map(async (query): Promise<readonly [string, QueryAnswer]> => {
    try {
      return [query.refId, { frames: await framesOf(query), status: 200 }];
    } catch (error) {
      if (signal.aborted) throw reasonOf(signal);
      return [query.refId, answerOfFailure(error)];
    }
  });
  return new Map(await Promise.all(answers));
}
