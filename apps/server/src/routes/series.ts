import {
  ApiError,
  envelopeTail,
  type FormFields,
  formValues,
  limitParameter,
  MAX_TIME_MS,
  MIN_TIME_MS,
  sendJson,
  sendSuccess,
  timeParameter,
} from "@narthex/http";
import { compareBytewise, compareLabels, type Labels, type Matcher } from "@narthex/model";
import type { Querier, Queryable } from "@narthex/storage";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { selectorsOf } from "./selectors.ts";

const TRUNCATED = "results truncated due to limit";

interface Range {
  readonly start: number;
  readonly end: number;
}

const rangeOf = (values: URLSearchParams): Range => ({
  start: timeParameter(values, "start", MIN_TIME_MS),
  end: timeParameter(values, "end", MAX_TIME_MS),
});

/** `/labels`, `/label/<name>/values` and `/series`. */
export function seriesRoutes(app: FastifyInstance, { storage }: { storage: Queryable }): void {
  app.route({
    method: ["GET", "POST"],
    url: "/labels",
    handler: (request, reply) => labelNames(storage, formValues(request), reply),
  });
  app.get<{ Params: { name: string } }>("/label/:name/values", (request, reply) =>
    labelValues(storage, request, reply),
  );
  app.route({
    method: ["GET", "POST"],
    url: "/series",
    handler: (request, reply) => series(storage, formValues(request), reply),
  });
  app.delete("/series", async () => {
    throw new ApiError("internal", "not implemented");
  });
}

/** What a querier answered, and its warnings. */
interface Answer<T> {
  readonly found: T;
  readonly warnings: readonly string[];
}

async function withQuerier<T>(
  storage: Queryable,
  { start, end }: Range,
  work: (querier: Querier) => Promise<T>,
): Promise<Answer<T>> {
  const querier = storage.querier(start, end);
  try {
    const found = await work(querier);
    return { found, warnings: querier.warnings ?? [] };
  } finally {
    querier.close();
  }
}

/** The sorted union of what each selector gives; all series where there is none. */
async function union(
  selectors: readonly (readonly Matcher[])[],
  read: (matchers: readonly Matcher[]) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  if (selectors.length <= 1) return read(selectors[0] ?? []);
  const parts = await Promise.all(selectors.map(read));
  return [...new Set(parts.flat())].sort(compareBytewise);
}

function sendLimited(reply: FastifyReply, answer: Answer<readonly string[]>, limit: number): FastifyReply {
  const { found, warnings } = answer;
  if (limit === 0 || found.length <= limit) return sendSuccess(reply, { data: found, warnings });
  return sendSuccess(reply, { data: found.slice(0, limit), warnings: [...warnings, TRUNCATED] });
}

async function labelNames(storage: Queryable, values: URLSearchParams, reply: FastifyReply): Promise<FastifyReply> {
  const limit = limitParameter(values);
  const range = rangeOf(values);
  const selectors = selectorsOf(values);
  const names = await withQuerier(storage, range, (querier) =>
    union(selectors, (matchers) => querier.labelNames(matchers)),
  );
  return sendLimited(reply, names, limit);
}

async function labelValues(
  storage: Queryable,
  request: FastifyRequest<{ Params: { name: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const name = decodeLabelName(request.params.name);
  const values = formValues(request);
  const limit = limitParameter(values);
  const range = rangeOf(values);
  const selectors = selectorsOf(values);
  const found = await withQuerier(storage, range, (querier) =>
    union(selectors, (matchers) => querier.labelValues(name, matchers)),
  );
  return sendLimited(reply, found, limit);
}

/** A name in a path may be value-encoded: `U__a_2e_b` is `a.b`, a doubled underscore is one. */
export function decodeLabelName(text: string): string {
  const name = text.startsWith("U__") ? unescape(text.slice(3)) : text;
  if (name === "" || !name.isWellFormed())
    throw new ApiError("bad_data", `invalid label name: ${JSON.stringify(name)}`);
  return name;
}

const unescape = (text: string): string =>
  text.replace(/__|_([0-9a-fA-F]{1,6})_/g, (whole, code: string | undefined) =>
    code === undefined ? "_" : (codePoint(code) ?? whole),
  );

function codePoint(hex: string): string | undefined {
  const value = Number.parseInt(hex, 16);
  return value <= 0x10ffff ? String.fromCodePoint(value).toWellFormed() : undefined;
}

async function series(storage: Queryable, values: FormFields, reply: FastifyReply): Promise<FastifyReply> {
  if (values.problem !== undefined) throw new ApiError("bad_data", `error parsing form values: ${values.problem}`);
  if (!values.has("match[]")) throw new ApiError("bad_data", "no match[] parameter provided");
  const limit = limitParameter(values);
  const range = rangeOf(values);
  const selectors = selectorsOf(values, true);
  const { found: sets, warnings: missing } = await withQuerier(storage, range, (querier) =>
    Promise.all(
      selectors.map(async (matchers) => (await querier.select(matchers, { ...range, func: "series" })).labels),
    ),
  );
  const unique = new Map<string, Labels>();
  for (const labels of sets.flat()) unique.set(labels.key, labels);
  const sorted = [...unique.values()].sort(compareLabels);
  const shown = limit === 0 ? sorted : sorted.slice(0, limit);
  const warnings = shown.length < sorted.length ? [...missing, TRUNCATED] : missing;
  // Label values are not HTML-escaped here, unlike all other strings of the API.
  const rows = shown.map((labels) => JSON.stringify(labels.toRecord()));
  return sendJson(reply, `{"status":"success","data":[${rows.join(",")}]${envelopeTail(warnings)}`);
}
