import { access, ApiError, formValues, sendJson } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import { clientGone } from "../querying/answer-streams.ts";
import { requesterOf } from "../querying/request-origin.ts";
import { readBacktestForm } from "./backtest-form.ts";
import type { BacktestSources } from "./run-posted-backtest.ts";

/** Largest number of backtests that run at the same time. */
const MAX_RUNNING = 2;

const ACCESS = {
  ...access("read", { scope: "query", pages: "own" }),
  method: "POST",
  url: "/narthex/backtest",
} as const;

/** Serves `POST /narthex/backtest`, which evaluates rules over stored samples. Prometheus has no such endpoint. */
export function backtestRoute(app: FastifyInstance, sources: BacktestSources): void {
  let running = 0;
  app.route({
    ...ACCESS,
    handler: async (request, reply) => {
      const form = readBacktestForm(formValues(request), sources.context.clock.now());
      if (running >= MAX_RUNNING)
        throw new ApiError("unavailable", `${MAX_RUNNING} backtests are already running; send the request again later`);
      running++;
      try {
        const signal = clientGone(reply);
        // Loads the engine of Alertmanager only for the first request, because most servers run no backtest.
        const { runPostedBacktest } = await import("./run-posted-backtest.ts");
        return sendJson(reply, await runPostedBacktest(form, sources, { ...requesterOf(request), signal }));
      } finally {
        running--;
      }
    },
  });
}

/** Adds the route that names the flag which enables backtests. */
export function disabledBacktestRoute(app: FastifyInstance): void {
  app.route({
    ...ACCESS,
    handler: async () => {
      throw new ApiError("unavailable", "backtests are disabled, start the server with --web.enable-backtest");
    },
  });
}
