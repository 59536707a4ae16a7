import { access, ApiError, formValues, limitingMatchers, limitParameter, sendSuccess } from "@narthex/http";
import { mapWithLimit } from "@narthex/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../context.ts";
import { clientGone } from "../querying/answer-streams.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import { limitedQuery } from "../querying/read-limit.ts";
import { requesterOf } from "../querying/request-origin.ts";
import type { RulesFeature } from "../rules/rules.ts";
import type { ServerFeature } from "../server-feature.ts";
import type { ObjectiveFiles } from "./objective-files.ts";
import { ObjectiveAlerts } from "./objective-alerts.ts";
import { objectiveState } from "./objective-state.ts";

interface Uses {
  readonly files: ObjectiveFiles;
  readonly querying: Pick<QueryingFeature, "lanes">;
  readonly rules: Pick<RulesFeature, "groups">;
}

/** Number of objectives of a response if the request sets no limit, and the largest number. */
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;
/** Number of objectives whose queries run at the same time. */
const CONCURRENCY = 4;

/** Adds the feature that serves the budgets of the service level objectives of `--rules.slo-files`. */
export function openObjectives({ clock }: Pick<Context, "clock">, uses: Uses): ServerFeature {
  return {
    name: "objectives",
    stop: () => undefined,
    routes: {
      apiWhenReady(app) {
        app.get("/narthex/slos", access("read", { scope: "query", series: "limited" }), (request, reply) =>
          list(uses, Math.floor(clock.now()), request, reply),
        );
      },
    },
  };
}

async function list(
  { files, querying, rules }: Uses,
  time: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const values = formValues(request);
  const limit = limitParameter(values);
  const id = values.get("id") ?? "";
  if (!files.isUsed)
    throw new ApiError("unavailable", "there are no objectives, start the server with --rules.slo-files");
  const chosen = id === "" ? files.levels : files.levels.filter((level) => level.id === id);
  if (chosen.length === 0 && id !== "") throw new ApiError("not_found", `there is no objective ${JSON.stringify(id)}`);
  const shown = chosen.slice(0, limit === 0 ? DEFAULT_LIMIT : Math.min(limit, MAX_LIMIT));
  const lane = querying.lanes.queries;
  const query = {
    lane,
    limited: (text: string) =>
      limitedQuery(request, text, lane.features, (problem) => new ApiError("internal", problem)),
    request: { ...requesterOf(request), signal: clientGone(reply) },
    time,
  };
  const alerts = new ObjectiveAlerts(rules.groups(), limitingMatchers(request));
  const states = await mapWithLimit(shown, CONCURRENCY, (level) => objectiveState(level, query, alerts.of(level)));
  return sendSuccess(reply, { data: { objectives: states, total: chosen.length } });
}
