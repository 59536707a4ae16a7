import { access, formValues, sendSuccess } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import { requesterOf } from "../querying/request-origin.ts";
import type { RuleLinter } from "./rule-linter.ts";

/** Serves `/narthex/rule-lint`, the findings of the checks of the loaded rules. Prometheus has no such endpoint. */
export function ruleLintRoute(app: FastifyInstance, linter: Pick<RuleLinter, "check">): void {
  app.get("/narthex/rule-lint", access("read", { scope: "query" }), async (request, reply) => {
    const data = formValues(request).get("data");
    return sendSuccess(reply, { data: await linter.check(data === "true" || data === "1", requesterOf(request)) });
  });
}
