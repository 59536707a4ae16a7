import { resolve } from "node:path";
import { access, ApiError, envelopeTail, formValues, invalidParameter, limitParameter } from "@narthex/http";
import type { QueryLane, StreamedResponse, UsageRecord } from "@narthex/querying";
import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { type AnswerStreams, apiErrorOf, type ClientOptions } from "../querying/answer-streams.ts";
import { requesterOf } from "../querying/request-origin.ts";
import type { RulesFeature } from "../rules/rules.ts";

interface Options {
  readonly context: Pick<Context, "host" | "clock" | "configuration" | "flags">;
  readonly record: UsageRecord;
  readonly rules: RulesFeature;
  readonly lane: Pick<QueryLane, "list">;
  readonly streams: AnswerStreams;
}

const DAY = 86_400_000;
const DEFAULT_DAYS = 30;
/** Time window in ms. A metric counts as stored if a series has samples in this window. */
const WINDOW_MS = 15 * 60_000;

/** Serves `/narthex/metric-usage`, the stored metrics that are never used. Prometheus has no such endpoint. */
export function usageRoute(app: FastifyInstance, { context, record, rules, lane, streams }: Options): void {
  const { host, clock, configuration, flags } = context;
  app.get("/narthex/metric-usage", access("read"), (request, reply) => {
    const values = formValues(request);
    const limit = limitParameter(values);
    const end = Math.floor(clock.now());
    const usedSince = end - daysOf(values) * DAY;
    const send = async (client: ClientOptions): Promise<StreamedResponse> => {
      const listing = {
        kind: "metric usage",
        match: [],
        start: end - WINDOW_MS,
        end,
        used: record.usedSince(usedSince),
        rules: rules.texts(),
        dashboards: flags["query.usage-dashboards"].map((folder) => resolve(host.cwd, folder)),
        jobs: configuration.current.scrapeConfigs.map(({ jobName }) => jobName),
        recordedSince: record.since,
        usedSince,
        limit,
      } as const;
      try {
        return await lane.list({ listing, ...client, ...requesterOf(request) });
      } catch (error) {
        throw apiErrorOf(error, (problem) => new ApiError("bad_data", problem));
      }
    };
    return streams.send(request, reply, send, { tail: ({ warnings }) => envelopeTail(warnings) });
  });
}

function daysOf(values: URLSearchParams): number {
  const text = values.get("days") ?? "";
  const days = text === "" ? DEFAULT_DAYS : Number(text);
  if (!(days > 0 && days <= 10_000))
    throw invalidParameter("days", `cannot parse ${JSON.stringify(text)} to a number of days`);
  return days;
}

/**
 * Adds the route that returns an error if metric usage is not recorded. An empty list would mean that all metrics are
 * used.
 */
export function disabledUsageRoute(app: FastifyInstance): void {
  app.get("/narthex/metric-usage", access("read"), async () => {
    throw new ApiError(
      "unavailable",
      "which metrics queries use is not recorded, start the server with --query.record-usage",
    );
  });
}
