import { Readable } from "node:stream";
import {
  ApiError,
  durationParameter,
  formValues,
  invalidParameter,
  limitParameter,
  requiredTime,
  sendJson,
  sendSuccess,
  timeParameter,
} from "@narthex/http";
import { DurationError, parseDuration } from "@narthex/model";
import {
  type Engine,
  parseExpression,
  type ParserOptions,
  QueryError,
  type QueryRequest,
  type QueryResult,
  walk,
} from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import type { Exemplar, Queryable } from "@narthex/storage";
import type { Labels, Matcher } from "@narthex/model";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { formatTime, writeQueryAnswer } from "./query-json.ts";

/** Exemplars of the chosen series within a range (ms). */
export type ExemplarQuery = (
  selectors: readonly (readonly Matcher[])[],
  start: number,
  end: number,
) => readonly { readonly labels: Labels; readonly exemplars: readonly Exemplar[] }[];

interface Options {
  readonly engine: Engine;
  readonly storage: Queryable;
  readonly clock: Clock;
  readonly parserOptions: ParserOptions;
  readonly exemplars: ExemplarQuery;
}

/** Points per series a range query may ask for, less one. */
const MAX_STEPS = 11_000;
/** Samples up to which an answer is sent in one piece. */
const SMALL_ANSWER = 5000;

/** `/query`, `/query_range` and `/query_exemplars`. */
export function queryRoutes(app: FastifyInstance, options: Options): void {
  const both = ["GET", "POST"];
  app.route({ method: both, url: "/query", handler: (request, reply) => instantQuery(options, request, reply) });
  app.route({ method: both, url: "/query_range", handler: (request, reply) => rangeQuery(options, request, reply) });
  app.route({
    method: both,
    url: "/query_exemplars",
    handler: (request, reply) => exemplarQuery(options, request, reply),
  });
}

async function instantQuery(options: Options, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const values = formValues(request);
  const limit = limitParameter(values);
  const time = timeParameter(values, "time", options.clock.now());
  return answer(options, request, reply, {
    ...settings(values),
    limit,
    time: Math.round(time),
    queryable: options.storage,
    text: values.get("query") ?? "",
  });
}

async function rangeQuery(options: Options, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const values = formValues(request);
  const limit = limitParameter(values);
  const start = requiredTime(values, "start");
  const end = requiredTime(values, "end");
  if (end < start) throw invalidParameter("end", "end timestamp must not be before start time");
  const step = durationParameter(values, "step");
  if (step <= 0) {
    throw invalidParameter(
      "step",
      "zero or negative query resolution step widths are not accepted. Try a positive integer",
    );
  }
  if (Math.floor((end - start) / step) > MAX_STEPS) {
    throw new ApiError(
      "bad_data",
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
    );
  }
  return answer(options, request, reply, {
    ...settings(values),
    limit,
    start,
    end,
    step,
    queryable: options.storage,
    text: values.get("query") ?? "",
  });
}

type Settings = { -readonly [K in "timeoutMs" | "lookbackMs"]?: number };

/** What both kinds of query read. */
function settings(values: URLSearchParams): Settings {
  const found: Settings = {};
  if ((values.get("timeout") ?? "") !== "") found.timeoutMs = durationParameter(values, "timeout");
  const lookback = values.get("lookback_delta") ?? "";
  if (lookback !== "") found.lookbackMs = lookbackOf(lookback);
  return found;
}

function lookbackOf(text: string): number {
  if (!Number.isNaN(Number(text))) return Number(text) * 1000;
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw new ApiError("bad_data", `error parsing lookback delta duration: cannot parse "${text}" to a valid duration`);
  }
}

/** Evaluates, and sends the columns as JSON; a client that hangs up cancels. */
async function answer(
  { engine }: Options,
  request: FastifyRequest,
  reply: FastifyReply,
  query: QueryRequest,
): Promise<FastifyReply> {
  const gone = new AbortController();
  const onClose = (): void => gone.abort(new QueryError("canceled", "query was canceled in query execution"));
  reply.raw.once("close", onClose);
  let result: QueryResult;
  try {
    result = await engine.query({ ...query, signal: gone.signal });
  } catch (error) {
    throw apiErrorOf(error);
  } finally {
    reply.raw.off("close", onClose);
  }
  const stats = formValues(request).get("stats") ?? "";
  const warned =
    stats === "" || stats === "true" || stats === "all"
      ? result
      : { ...result, warnings: [...result.warnings, deprecatedStats(stats)] };
  const pieces = writeQueryAnswer(warned, stats !== "");
  if (sampleCount(result) <= SMALL_ANSWER) return sendJson(reply, [...pieces].join(""));
  return reply
    .header("content-type", "application/json")
    .send(Readable.from(pieces, { objectMode: false, highWaterMark: 1 }));
}

const deprecatedStats = (value: string): string =>
  `value "${value}" for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"`;

const sampleCount = ({ series }: QueryResult): number =>
  series.reduce((sum, { column }) => sum + column.present.length, 0);

const ERROR_TYPES = {
  "bad-query": "bad_data",
  timeout: "timeout",
  canceled: "canceled",
  "too-many-samples": "execution",
  execution: "execution",
  storage: "internal",
} as const;

function apiErrorOf(error: unknown): unknown {
  if (!(error instanceof QueryError)) return error;
  return error.kind === "bad-query"
    ? invalidParameter("query", error.message)
    : new ApiError(ERROR_TYPES[error.kind], error.message);
}

async function exemplarQuery(options: Options, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const values = formValues(request);
  const start = timeParameter(values, "start", 0);
  const end = timeParameter(values, "end", options.clock.now());
  if (end < start) throw new ApiError("bad_data", "end timestamp must not be before start timestamp");
  const parsed = parseExpression(values.get("query") ?? "", options.parserOptions);
  if (!parsed.ok) throw new ApiError("bad_data", parsed.errors[0].toString());
  const selectors: (readonly Matcher[])[] = [];
  walk(parsed.expr, (node) => {
    if (node.kind === "vectorSelector") selectors.push(node.matchers);
  });
  if (selectors.length === 0) return sendSuccess(reply, { data: null });
  const rows = options
    .exemplars(selectors, start, end)
    .map(
      ({ labels, exemplars }) =>
        `{"seriesLabels":${JSON.stringify(labels.toRecord())},"exemplars":[${exemplars
          .map(
            (one) =>
              `{"labels":${JSON.stringify(one.labels.toRecord())},"value":"${one.value}","timestamp":${formatTime(one.timestamp)}}`,
          )
          .join(",")}]}`,
    );
  return sendJson(reply, `{"status":"success","data":[${rows.join(",")}]}`);
}
