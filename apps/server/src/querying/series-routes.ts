import { percentBytes, utf8Text } from "@narthex/bytes";
import {
  access,
  ApiError,
  envelopeTail,
  formValues,
  invalidParameter,
  limitParameter,
  MAX_TIME_MS,
  MIN_TIME_MS,
  timeParameter,
  wholeForm,
} from "@narthex/http";
import { quote } from "@narthex/model";
import type { LabelListing, ListingScope, QueryLane, StreamedResponse } from "@narthex/querying";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type AnswerStreams, apiErrorOf, type ClientOptions } from "./answer-streams.ts";
import { limitedSelectors } from "./read-limit.ts";
import { requesterOf } from "./request-origin.ts";

interface Options {
  readonly lane: Pick<QueryLane, "list">;
  readonly streams: AnswerStreams;
}

/** Serves `/labels`, `/label/<name>/values` and `/series`. */
export function seriesRoutes(app: FastifyInstance, options: Options): void {
  app.route({
    ...access("read", { scope: "query", series: "limited" }),
    method: ["GET", "POST"],
    url: "/labels",
    handler: (request, reply) =>
      list(options, request, reply, { kind: "label names", ...scopeOf(formValues(request)) }, asItIs),
  });
  app.get<{ Params: { name: string } }>(
    "/label/:name/values",
    access("read", { scope: "query", series: "limited" }),
    (request, reply) => {
      const name = decodeLabelName(nameIn(request));
      return list(options, request, reply, { kind: "label values", name, ...scopeOf(formValues(request)) }, asItIs);
    },
  );
  app.route({
    ...access("read", { scope: "query", series: "limited" }),
    method: ["GET", "POST"],
    url: "/series",
    handler: (request, reply) => series(options, request, reply),
  });
  app.delete("/series", access("read", { scope: "query", series: "none" }), async () => {
    throw new ApiError("internal", "not implemented");
  });
}

const asItIs = (problem: string): ApiError => new ApiError("bad_data", problem);

/** Parses the parameters of a series or label request, in the order in which invalid ones are reported. */
function scopeOf(values: URLSearchParams): ListingScope {
  const limit = limitParameter(values);
  const start = timeParameter(values, "start", MIN_TIME_MS);
  const end = timeParameter(values, "end", MAX_TIME_MS);
  return { limit, start, end, match: values.getAll("match[]") };
}

async function series(options: Options, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const values = wholeForm(request);
  if (!values.has("match[]")) throw new ApiError("bad_data", "no match[] parameter provided");
  return list(options, request, reply, { kind: "series", ...scopeOf(values) }, (problem) =>
    invalidParameter("match[]", problem),
  );
}

/** Runs a series or label request. The query thread parses its selectors, because long ones take time. */
async function list(
  { lane, streams }: Options,
  request: FastifyRequest,
  reply: FastifyReply,
  listing: LabelListing,
  unreadable: (problem: string) => ApiError,
): Promise<FastifyReply> {
  const match = limitedSelectors(request, listing.match, unreadable);
  const send = async (client: ClientOptions): Promise<StreamedResponse> => {
    try {
      return await lane.list({ listing: { ...listing, match }, ...client, ...requesterOf(request) });
    } catch (error) {
      throw apiErrorOf(error, unreadable);
    }
  };
  return streams.send(request, reply, send, { tail: ({ warnings }) => envelopeTail(warnings) });
}

/** Decodes a label name in the URL escaping of Prometheus: `U__a_2e_b` is `a.b`, and `__` is `_`. */
export function decodeLabelName(text: string): string {
  const name = text.startsWith("U__") ? unescape(text.slice(3)) : text;
  if (name === "" || !name.isWellFormed()) throw new ApiError("bad_data", `invalid label name: ${quote(name)}`);
  return name;
}

/**
 * Returns the label name in the URL. The router replaces bytes that are not UTF-8, so a name with such bytes is decoded
 * from the original URL.
 */
function nameIn({ params, originalUrl }: FastifyRequest<{ Params: { name: string } }>): string {
  if (!params.name.includes("\uFFFD")) return params.name;
  const escaped = /\/label\/([^/?]*)/.exec(originalUrl)?.[1] ?? "";
  return utf8Text(percentBytes(escaped));
}

const unescape = (text: string): string =>
  text.replace(/__|_([0-9a-fA-F]{1,6})_/g, (whole, code: string | undefined) =>
    code === undefined ? "_" : (codePoint(code) ?? whole),
  );

function codePoint(hex: string): string | undefined {
  const value = Number.parseInt(hex, 16);
  return value <= 0x10ffff ? String.fromCodePoint(value).toWellFormed() : undefined;
}
