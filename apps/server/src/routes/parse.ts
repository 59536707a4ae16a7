import { formValues, invalidParameter, sendJson } from "@narthex/http";
import { QueryError } from "@narthex/promql";
import type { QueryLane } from "@narthex/querying";
import type { FastifyInstance } from "fastify";

const FORMS = { format_query: "formatted", parse_query: "tree" } as const;

/** `/format_query` and `/parse_query`. Long expressions take their time, so they are read where queries run. */
export function parseRoutes(app: FastifyInstance, { lane }: { lane: Pick<QueryLane, "read"> }): void {
  for (const [name, form] of Object.entries(FORMS)) {
    app.route({
      method: ["GET", "POST"],
      url: `/${name}`,
      handler: async (request, reply) => {
        const text = formValues(request).get("query") ?? "";
        const data = await lane.read(text, form).catch((error: unknown) => {
          throw error instanceof QueryError ? invalidParameter("query", error.message) : error;
        });
        return sendJson(reply, `{"status":"success","data":${data}}`);
      },
    });
  }
}
