import { access, envelopeTail, formValues, invalidParameter } from "@narthex/http";
import type { QueryLane, StreamedResponse } from "@narthex/querying";
import type { Clock } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";
import { type AnswerStreams, apiErrorOf, type ClientOptions } from "./answer-streams.ts";
import { instantRequest, rangeRequest } from "./query-routes.ts";
import { requesterOf } from "./request-origin.ts";

interface Options {
  readonly lane: Pick<QueryLane, "explain">;
  readonly streams: AnswerStreams;
  readonly clock: Clock;
}

/** Serves `/narthex/explain`, the plan of a query and, with `analyze`, its costs. Prometheus has no such endpoint. */
export function explainRoute(app: FastifyInstance, { lane, streams, clock }: Options): void {
  app.route({
    ...access("read", { scope: "query" }),
    method: ["GET", "POST"],
    url: "/narthex/explain",
    handler: (request, reply) => {
      const values = formValues(request);
      // With the parameter `start`, explains a range query, otherwise an instant query.
      const query = values.has("start") ? rangeRequest(values) : instantRequest(values, clock);
      const analyze = values.has("analyze") && !["false", "0"].includes(values.get("analyze")!);
      const send = async (client: ClientOptions): Promise<StreamedResponse> => {
        try {
          return await lane.explain({ ...query, ...client, ...requesterOf(request) }, analyze);
        } catch (error) {
          throw apiErrorOf(error, (problem) => invalidParameter("query", problem));
        }
      };
      return streams.send(request, reply, send, {
        tail: ({ warnings, infos, omitted }) => envelopeTail(warnings, infos, omitted),
      });
    },
  });
}
