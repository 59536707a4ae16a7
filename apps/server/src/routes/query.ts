import { Readable } from "node:stream";
import {
  acceptedEncoding,
  ApiError,
  durationParameter,
  envelopeTail,
  formValues,
  invalidParameter,
  limitParameter,
  parseSeconds,
  requiredTime,
  sendJson,
  sendSuccess,
  timeParameter,
} from "@narthex/http";
import { parseExpression, type ParserOptions, QueryError, SELECTOR_LIMITS, walk } from "@narthex/promql";
import { formatTime, type JsonAnswer, type QueryLane, type QueryOrder, type QueryOrigin } from "@narthex/querying";
import type { Clock } from "@narthex/runtime";
import type { Exemplar } from "@narthex/storage";
import type { Labels, Matcher } from "@narthex/model";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Exemplars of the chosen series within a range (ms). */
export type ExemplarQuery = (
  selectors: readonly (readonly Matcher[])[],
  start: number,
  end: number,
) => readonly { readonly labels: Labels; readonly exemplars: readonly Exemplar[] }[];

interface Options {
  readonly lane: QueryLane;
  readonly clock: Clock;
  readonly parserOptions: ParserOptions;
  readonly exemplars: ExemplarQuery;
  /** `stats=all` tells samples of each step. */
  readonly perStepStats: boolean;
}

/** Points per series a range query may ask for, less one. */
const MAX_STEPS = 11_000;

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
  return answer(options, request, reply, values, {
    ...settings(values),
    limit,
    time: Math.round(time),
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
  // The grid has whole milliseconds.
  if (step < 1) {
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
  return answer(options, request, reply, values, {
    ...settings(values),
    limit,
    start,
    end,
    step: Math.trunc(step),
    text: values.get("query") ?? "",
  });
}

type Settings = { -readonly [K in "timeoutMs" | "lookbackMs"]?: number };

/** What both kinds of query read. */
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

/** Evaluates, and sends the JSON as it comes; a client that hangs up cancels. */
async function answer(
  { lane, perStepStats }: Options,
  request: FastifyRequest,
  reply: FastifyReply,
  values: URLSearchParams,
  order: QueryOrder,
): Promise<FastifyReply> {
  const stats = values.get("stats") ?? "";
  const gone = new AbortController();
  // After the answer, too: an abort is dear, and then for nobody.
  reply.raw.once("close", () => reply.raw.writableFinished || gone.abort());
  if (reply.raw.destroyed) gone.abort();
  let found: JsonAnswer;
  try {
    const gzip = acceptedEncoding(request.headers["accept-encoding"]) === "gzip";
    const samplesOf = stats === "" ? undefined : stats === "all" && perStepStats ? "steps" : "query";
    const signal = gone.signal;
    found = await lane.answer({ ...order, gzip, signal, origin: originOf(request), samplesOf }, stats !== "");
  } catch (error) {
    throw apiErrorOf(error);
  }
  const { first, rest, warnings, infos, gzip } = found;
  const notes = ["", "true", "all"].includes(stats) ? warnings : [...warnings, deprecatedStats(stats)];
  const tail = envelopeTail(notes, infos);
  if (gzip) reply.header("content-encoding", "gzip");
  if (rest === undefined) return sendJson(reply, Buffer.concat([first, found.end(tail)]));
  return reply.header("content-type", "application/json").send(
    Readable.from(
      joined(first, rest, () => found.end(tail)),
      { objectMode: false, highWaterMark: 1 },
    ),
  );
}

/** As Prometheus logs it: an IPv4 client of a socket for both kinds of addresses has no IPv6 prefix. */
function originOf({ ip, method, url }: FastifyRequest): QueryOrigin {
  return { httpRequest: { clientIP: ip.replace(/^::ffff:/, ""), method, path: url.replace(/\?.*$/s, "") } };
}

async function* joined(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
  end: () => Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
  yield end();
}

const deprecatedStats = (value: string): string =>
  `value "${value}" for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"`;

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

/** The main thread reads it between its other work. */
const EXEMPLAR_LIMITS = { ...SELECTOR_LIMITS, characters: 2 ** 14 };

async function exemplarQuery(options: Options, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const values = formValues(request);
  const start = timeParameter(values, "start", 0);
  const end = timeParameter(values, "end", options.clock.now());
  if (end < start) throw new ApiError("bad_data", "end timestamp must not be before start timestamp");
  const parsed = parseExpression(values.get("query") ?? "", options.parserOptions, EXEMPLAR_LIMITS);
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
