import type { FastifyInstance } from "fastify";
import { needsSource } from "../auth/rights.ts";
import { searchOf } from "../datasources/source-proxy.ts";
import { type AskedSource, sendJsonAnswer } from "./asked-source.ts";
import { rulePathsOf } from "./group-routes.ts";

/** Maximum size in bytes of a list of rules or alerts. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** Adds the routes that list the rules and alerts which a data source's server evaluates, with their state. */
export function stateRoutes(app: FastifyInstance, asked: AskedSource): void {
  for (const [list, action] of [
    ["rules", "alert.rules.external:read"],
    ["alerts", "alert.instances.external:read"],
  ] as const) {
    app.get(`/api/prometheus/:uid/api/v1/${list}`, needsSource("view", action), async (request, reply) => {
      const source = asked.source(request);
      const path = rulePathsOf(source)[list].split("/");
      const call = { method: "GET", path, search: searchOf(request), maxBytes: MAX_LIST_BYTES } as const;
      return sendJsonAnswer(reply, await asked.ask(request, reply, { record: source.record, call }));
    });
  }
}
