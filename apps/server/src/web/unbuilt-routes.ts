import { access, ApiError, useEnvelope } from "@narthex/http";
import type { FastifyInstance } from "fastify";

/** Endpoints that this build does not have. Each answers with Prometheus' message for one that is switched off. */
export function unbuiltRoutes(app: FastifyInstance): void {
  void app.register(async (api) => {
    useEnvelope(api);
    for (const name of ["metric_names", "label_names", "label_values"]) {
      api.route({
        ...access("read"),
        method: ["GET", "POST"],
        url: `/search/${name}`,
        handler: async () => {
          throw new ApiError("unavailable", "search API disabled");
        },
      });
    }
  });
}
