import { access, ApiError, plainError } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { FastifyInstance, HTTPMethods } from "fastify";
import { readRequestRoute } from "../remote-read/read-route.ts";
import type { ServerFeature } from "../server-feature.ts";

/** Prometheus's error message for queries in agent mode. */
export const UNSUPPORTED = "unsupported operation with WAL-only storage";

/** API routes that do not work in agent mode, because they need stored samples, rules or Alertmanagers. */
const ROUTES: Readonly<Record<string, readonly HTTPMethods[]>> = {
  "/query": ["GET", "POST"],
  "/query_range": ["GET", "POST"],
  "/query_exemplars": ["GET", "POST"],
  "/format_query": ["GET", "POST"],
  "/parse_query": ["GET", "POST"],
  "/labels": ["GET", "POST"],
  "/label/:name/values": ["GET"],
  "/series": ["GET", "POST", "DELETE"],
  "/alertmanagers": ["GET"],
  "/status/tsdb": ["GET"],
  "/status/tsdb/blocks": ["GET"],
  "/alerts": ["GET"],
  "/rules": ["GET"],
  "/admin/tsdb/delete_series": ["POST", "PUT"],
  "/admin/tsdb/clean_tombstones": ["POST", "PUT"],
  "/admin/tsdb/snapshot": ["POST", "PUT"],
};

/**
 * Adds routes that return the error of Prometheus's agent mode, for requests that only a server with storage can
 * answer.
 */
export const openUnavailable = ({ clock }: { readonly clock: Clock }): ServerFeature => ({
  name: "unavailable",
  stop: () => undefined,
  routes: {
    rootWhenReady(app) {
      app.get("/federate", access("read"), async (_request, reply) => plainError(reply, 500, UNSUPPORTED));
    },
    apiWhenReady(app: FastifyInstance) {
      for (const [url, method] of Object.entries(ROUTES)) {
        app.route({
          ...access("read"),
          method: [...method],
          url,
          handler: async () => {
            throw new ApiError("execution", "unavailable with Prometheus Agent");
          },
        });
      }
      // Registers the remote read route in a separate scope, because it parses request bodies differently.
      void app.register(async (scope) => {
        readRequestRoute(scope, clock, async (_request, reply) => plainError(reply, 500, UNSUPPORTED));
      });
    },
  },
});
