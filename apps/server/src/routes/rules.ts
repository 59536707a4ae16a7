import { formValues, sendSuccess } from "@narthex/http";
import { alertsAnswer, type Notifier, rulesAnswer, type RuleManager } from "@narthex/rules";
import type { FastifyInstance } from "fastify";

/** `/rules`, `/alerts` and `/alertmanagers`. */
export function ruleRoutes(
  app: FastifyInstance,
  { rules, notifier }: { rules: RuleManager; notifier: Notifier },
): void {
  app.get("/rules", async (request, reply) => sendSuccess(reply, { data: rulesAnswer(rules, formValues(request)) }));
  app.get("/alerts", async (_request, reply) => sendSuccess(reply, { data: alertsAnswer(rules) }));
  app.get("/alertmanagers", async (_request, reply) => sendSuccess(reply, { data: notifier.alertmanagers }));
}
