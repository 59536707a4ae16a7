import { access, formValues, invalidParameter, sendJson } from "@narthex/http";
import { QueryError } from "@narthex/promql";
import type { QueryLane } from "@narthex/querying";
import type { FastifyInstance } from "fastify";
import { clientGone } from "./answer-streams.ts";

const FORMATS = { format_query: "formatted", parse_query: "tree" } as const;

/** Serves `/format_query` and `/parse_query`. Query threads do the parsing, because a long expression takes time. */
export function parseRoutes(app: FastifyInstance, { lane }: { lane: Pick<QueryLane, "parse"> }): void {
  for (const [name, format] of Object.entries(FORMATS)) {
    app.route({
      ...access("read", { scope: "query", series: "none" }),
      method: ["GET", "POST"],
      url: `/${name}`,
      handler: async (request, reply) => {
        const text = formValues(request).get("query") ?? "";
        const data = await lane.parse(text, format, clientGone(reply)).catch((error: unknown) => {
          throw error instanceof QueryError ? invalidParameter("query", error.message) : error;
        });
        return sendJson(reply, `{"status":"success","data":${data}}`);
      },
    });
  }
}
