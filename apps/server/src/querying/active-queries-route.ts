import { access, sendSuccess } from "@narthex/http";
import type { QueryLane } from "@narthex/querying";
import type { FastifyInstance } from "fastify";

type Lanes = Readonly<Record<string, Pick<QueryLane, "listActive">>>;

/**
 * Serves `/status/active_queries`, the waiting and running queries of each lane (a queue of jobs), the oldest first.
 * Prometheus has no such endpoint.
 */
export function activeQueriesRoute(app: FastifyInstance, lanes: Lanes): void {
  app.get("/status/active_queries", access("read"), async (_request, reply) =>
    sendSuccess(reply, { data: activeQueries(lanes) }),
  );
}

const activeQueries = (lanes: Lanes): unknown =>
  Object.entries(lanes).flatMap(([lane, of]) =>
    of.listActive().map(({ text, startedAt, state }) => ({
      query: text,
      lane,
      state,
      startTime: new Date(startedAt).toISOString(),
    })),
  );
