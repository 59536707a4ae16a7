import { ApiError, plainError, useEnvelope } from "@narthex/http";
import type { FastifyInstance } from "fastify";

/** Endpoints whose switch is off, and those this build does not have: each says so in Prometheus' words where it has some. */
export function unbuiltRoutes(app: FastifyInstance): void {
  app.post("/write", async (_request, reply) =>
    plainError(reply, 404, "remote write receiver needs to be enabled with --web.enable-remote-write-receiver"),
  );
  app.post("/otlp/v1/metrics", async (_request, reply) =>
    plainError(reply, 404, "otlp write receiver needs to be enabled with --web.enable-otlp-receiver"),
  );
  void app.register(async (api) => {
    useEnvelope(api);
    for (const name of ["metric_names", "label_names", "label_values"]) {
      api.route({
        method: ["GET", "POST"],
        url: `/search/${name}`,
        handler: async () => {
          throw new ApiError("unavailable", "search API disabled");
        },
      });
    }
  });
}
