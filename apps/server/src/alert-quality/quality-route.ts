import { access, formValues, invalidParameter, sendSuccess } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import { apiErrorOf } from "../querying/answer-streams.ts";
import { requesterOf } from "../querying/request-origin.ts";
import { type AlertQuality, MAX_DAYS } from "./quality-reports.ts";

const DEFAULT_DAYS = 30;

/** Serves `/narthex/alert-quality`, how the alerting rules have behaved. Prometheus has no such endpoint. */
export function alertQualityRoute(app: FastifyInstance, quality: Pick<AlertQuality, "report">): void {
  app.get("/narthex/alert-quality", access("read", { scope: "query" }), async (request, reply) => {
    const text = formValues(request).get("days") ?? "";
    const days = text === "" ? DEFAULT_DAYS : Number(text);
    if (!(days >= 1 && days <= MAX_DAYS && Number.isInteger(days)))
      throw invalidParameter("days", `${JSON.stringify(text)} is not a whole number of days from 1 to ${MAX_DAYS}`);
    try {
      return sendSuccess(reply, { data: await quality.report(days, requesterOf(request)) });
    } catch (error) {
      throw apiErrorOf(error, (problem) => invalidParameter("days", problem));
    }
  });
}
