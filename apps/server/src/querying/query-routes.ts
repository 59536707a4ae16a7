import {
  access,
  ApiError,
  durationParameter,
  envelopeTail,
  formValues,
  invalidParameter,
  limitParameter,
  parseSeconds,
  requiredTime,
  timeParameter,
} from "@narthex/http";
import type { JsonResponse, QueryLane, QueryRequest } from "@narthex/querying";
import type { Clock } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type AnswerStreams, apiErrorOf, type ClientOptions } from "./answer-streams.ts";
import { limitedQuery } from "./read-limit.ts";
import { requesterOf } from "./request-origin.ts";

interface Options {
  readonly lane: QueryLane;
  readonly streams: AnswerStreams;
  readonly clock: Clock;
  /** Whether `stats=all` reports the number of samples for each step. */
  readonly perStepStats: boolean;
}

/** Largest number of steps of a range query, which is one less than the number of points. */
const MAX_STEPS = 11_000;

/** Serves `/query` and `/query_range`. */
export function queryRoutes(app: FastifyInstance, options: Options): void {
  const both = ["GET", "POST"];
  app.route({
    ...access("read", { scope: "query", series: "limited" }),
    method: both,
    url: "/query",
    handler: (request, reply) => instantQuery(options, request, reply),
  });
  app.route({
    ...access("read", { scope: "query", series: "limited" }),
    method: both,
    url: "/query_range",
    handler: (request, reply) => rangeQuery(options, request, reply),
  });
}

async function instantQuery(options: Options, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const values = formValues(request);
  return answer(options, request, reply, values, instantRequest(values, options.clock));
}

const NANOSECONDS_PER_MS = 1e6;

/** Parses the parameters of an instant query. The order determines which invalid parameter is reported. */
export function instantRequest(values: URLSearchParams, clock: Clock): QueryRequest {
  const limit = limitParameter(values);
  const time = timeParameter(values, "time", clock.now());
  return { ...settings(values), limit, time: Math.round(time), text: values.get("query") ?? "" };
}

async function rangeQuery(options: Options, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const values = formValues(request);
  return answer(options, request, reply, values, rangeRequest(values));
}

export function rangeRequest(values: URLSearchParams): QueryRequest {
  const limit = limitParameter(values);
  const start = requiredTime(values, "start");
  const end = requiredTime(values, "end");
  if (end < start) throw invalidParameter("end", "end timestamp must not be before start time");
  const step = durationParameter(values, "step");
  const noStep = invalidParameter(
    "step",
    "zero or negative query resolution step widths are not accepted. Try a positive integer",
  );
  if (step * NANOSECONDS_PER_MS < 1) throw noStep;
  if (Math.floor((end - start) / step) > MAX_STEPS) {
    throw new ApiError(
      "bad_data",
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
    );
  }
  // Refuses a step below 1 ms, because steps are whole milliseconds. In Prometheus it causes a division by zero.
  if (step < 1) throw noStep;
  return { ...settings(values), limit, start, end, step: Math.trunc(step), text: values.get("query") ?? "" };
}

type Settings = { -readonly [K in "timeoutMs" | "lookbackMs"]?: number };

function settings(values: URLSearchParams): Settings {
  const found: Settings = {};
  if ((values.get("timeout") ?? "") !== "") found.timeoutMs = durationParameter(values, "timeout");
  const lookback = values.get("lookback_delta") ?? "";
  const lookbackMs = lookback === "" ? 0 : lookbackOf(lookback);
  if (lookbackMs > 0) found.lookbackMs = Math.trunc(lookbackMs);
  return found;
}

const lookbackOf = (text: string): number =>
  parseSeconds(text, (problem) => new ApiError("bad_data", `error parsing lookback delta duration: ${problem}`));

async function answer(
  { lane, streams, perStepStats }: Options,
  request: FastifyRequest,
  reply: FastifyReply,
  values: URLSearchParams,
  query: QueryRequest,
): Promise<FastifyReply> {
  const stats = values.get("stats") ?? "";
  const samplesOf = stats === "" ? undefined : stats === "all" && perStepStats ? "steps" : "query";
  const unreadable = (problem: string): ApiError => invalidParameter("query", problem);
  const text = limitedQuery(request, query.text, lane.features, unreadable);
  const send = async (client: ClientOptions): Promise<JsonResponse> => {
    try {
      return await lane.answer({ ...query, text, ...client, ...requesterOf(request), samplesOf }, stats !== "");
    } catch (error) {
      throw apiErrorOf(error, unreadable);
    }
  };
  return streams.send(request, reply, send, {
    tail: ({ warnings, infos, omitted }) =>
      envelopeTail(
        ["", "true", "all"].includes(stats) ? warnings : [...warnings, deprecatedStats(stats)],
        infos,
        omitted,
      ),
  });
}

const deprecatedStats = (value: string): string =>
  `value "${value}" for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"`;
