import type { Frame } from "@narthex/dashboards";
import { answerEach } from "../answer-each.ts";
import type { DataQuery, QueryAnswer } from "../data-source.ts";
import type { QuerySlots } from "./query-slots.ts";

const VALUE_BYTES = 8;

interface SlotRequest {
  readonly slots: QuerySlots;
  readonly source: string;
  readonly user: string;
  readonly signal: AbortSignal;
}

/**
 * Answers queries whose frames this process computes itself. Each query occupies one of the user's query slots, so its
 * time and memory are limited as for queries to a server; a failed query does not affect the others.
 */
export async function answersInSlots(
  queries: readonly DataQuery[],
  { slots, source, user, signal }: SlotRequest,
  framesOf: (query: DataQuery) => readonly Frame[] | Promise<readonly Frame[]>,
): Promise<ReadonlyMap<string, QueryAnswer>> {
  return answerEach(queries, signal, async (query) => ({
    frames: await slots.run(user, source, signal, async (count) => {
      const made = await framesOf(query);
      count(made.reduce((sum, { fields, length }) => sum + fields.length * length * VALUE_BYTES, 0));
      return made;
    }),
    status: 200,
  }));
}
