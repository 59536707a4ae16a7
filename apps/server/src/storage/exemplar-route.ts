import { Readable } from "node:stream";
import {
  access,
  ApiError,
  formValues,
  limitingMatchers,
  MAX_TIME_MS,
  MIN_TIME_MS,
  sendJson,
  sendSuccess,
  timeParameter,
} from "@narthex/http";
import type { Labels, Matcher } from "@narthex/model";
import { parseExpression, type ParserOptions, restrictSelectors, SELECTOR_LIMITS, walk } from "@narthex/promql";
import { formatTime } from "@narthex/querying";
import type { Clock } from "@narthex/runtime";
import type { Exemplar } from "@narthex/storage";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

interface ExemplarRow {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

/** Returns the exemplars of the selected series within a time range (ms). */
type ExemplarQuery = (
  selectors: readonly (readonly Matcher[])[],
  start: number,
  end: number,
) => Promise<readonly ExemplarRow[]>;

interface Options {
  readonly clock: Clock;
  readonly parserOptions: ParserOptions;
  readonly exemplars: ExemplarQuery;
}

/** Limits for the size of the expression. The limits are low because the main thread parses the expression. */
const LIMITS = { ...SELECTOR_LIMITS, characters: 2 ** 14 };
/** Number of characters that are written before other work of the event loop can run. */
const PIECE = 64 * 1024;

/**
 * Serves `/query_exemplars`. The main thread finds and prints exemplars in small steps, so that other requests are not
 * delayed.
 */
export function exemplarRoute(app: FastifyInstance, options: Options): void {
  app.route({
    ...access("read", { scope: "query", series: "limited" }),
    method: ["GET", "POST"],
    url: "/query_exemplars",
    handler: (request, reply) => exemplarQuery(options, request, reply),
  });
}

async function exemplarQuery(options: Options, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const values = formValues(request);
  const start = timeParameter(values, "start", MIN_TIME_MS);
  const end = timeParameter(values, "end", MAX_TIME_MS);
  if (end < start) throw new ApiError("bad_data", "end timestamp must not be before start timestamp");
  const parsed = parseExpression(values.get("query") ?? "", options.parserOptions, LIMITS);
  if (!parsed.ok) throw new ApiError("bad_data", parsed.errors[0].toString());
  const selectors: (readonly Matcher[])[] = [];
  walk(restrictSelectors(parsed.expr, limitingMatchers(request)), (node) => {
    if (node.kind === "vectorSelector") selectors.push(node.matchers);
  });
  if (selectors.length === 0) return sendSuccess(reply, { data: null });
  const pieces = piecesOf(await options.exemplars(selectors, start, end));
  const first = pieces.next();
  if (first.done === true) return sendJson(reply, first.value);
  const stream = Readable.from(inTurns(first.value, pieces, options.clock), { objectMode: false, highWaterMark: 1 });
  return reply.header("content-type", "application/json").send(stream);
}

async function* inTurns(first: string, pieces: Generator<string, string>, clock: Clock): AsyncGenerator<string> {
  yield first;
  for (;;) {
    await clock.sleep(0);
    const piece = pieces.next();
    yield piece.value;
    if (piece.done === true) return;
  }
}

/** Yields the JSON response in parts. The last part is the return value. */
function* piecesOf(rows: readonly ExemplarRow[]): Generator<string, string> {
  let out = '{"status":"success","data":[';
  let comma = "";
  for (const { labels, exemplars } of rows) {
    out += `${comma}{"seriesLabels":${JSON.stringify(labels.toRecord())},"exemplars":[`;
    comma = "";
    for (const exemplar of exemplars) {
      const { labels: own, value, timestamp } = exemplar;
      out += `${comma}{"labels":${JSON.stringify(own.toRecord())},"value":"${value}","timestamp":${formatTime(timestamp)}}`;
      comma = ",";
      if (out.length < PIECE) continue;
      yield out;
      out = "";
    }
    out += "]}";
    comma = ",";
  }
  return `${out}]}`;
}
