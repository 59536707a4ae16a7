import {
  answersToJson,
  FRAMES_MEDIA_TYPE,
  type JsonObject,
  type ResolvedTimeRange,
  writeFrames,
} from "@narthex/dashboards";
import { answerOfFailure, type DataQuery, type DataSource, type QueryAnswer, QueryFailure } from "@narthex/datasources";
import type { Feature } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Sources } from "../datasources/sources.ts";
import { answersWhileAwaited } from "../web/client-gone.ts";
import { badRequest, Refusal, refusal } from "../web/refusal.ts";
import { type Body, bodyOfRequest, isObject } from "../web/request-body.ts";
import { queriesOf, rangeOf, referenceIn, type RoutedQuery } from "./query-request.ts";

const QUERY = needs("viewer", "datasources:query");

/** Queries of panels, variables and annotations. */
export function openQuerying({ clock }: Context, sources: Sources): Feature {
  const sourceOf = (reference: string | undefined): DataSource => {
    const source = sources.instances.referred(reference);
    if (source === undefined)
      throw refusal(404, `Data source not found${reference === undefined ? "" : `: ${reference}`}`);
    return source;
  };
  return {
    name: "querying",
    routes({ app }) {
      app.post("/api/ds/query", QUERY, async (request, reply) => {
        const queries = queriesOf(bodyOfRequest(request), clock.now());
        const answers = await answersWhileAwaited(reply, (signal) => askAll(queries, sourceOf, signal));
        return sendAnswers(request, reply, answers);
      });
      ownRoutes(app, sourceOf, () => clock.now());
    },
  };
}

/** What our own pages ask besides. */
function ownRoutes(
  app: FastifyInstance,
  sourceOf: (reference: string | undefined) => DataSource,
  now: () => number,
): void {
  app.post("/api/narthex/variables/values", QUERY, async (request, reply) => {
    const { source, query, range } = ownRequest(request, sourceOf, now());
    if (source.variableValues === undefined) throw refusal(400, "this data source has no values for variables");
    const values = await answersWhileAwaited(reply, (signal) =>
      source.variableValues!(query, range, signal).catch(refuseFailure),
    );
    return { values };
  });
  app.post("/api/narthex/annotations/query", QUERY, async (request, reply) => {
    const { source, query, range } = ownRequest(request, sourceOf, now());
    if (source.annotations === undefined) throw refusal(400, "this data source has no annotations");
    if (typeof query === "string") throw badRequest();
    const found = await answersWhileAwaited(reply, (signal) =>
      source.annotations!(query, range, signal).catch(refuseFailure),
    );
    return { annotations: found };
  });
}

interface OwnRequest {
  readonly source: DataSource;
  readonly query: string | JsonObject;
  readonly range: ResolvedTimeRange;
}

/** `{datasource, query, from, to}`. Throws a refusal. */
function ownRequest(
  request: FastifyRequest,
  sourceOf: (reference: string | undefined) => DataSource,
  nowMs: number,
): OwnRequest {
  const body: Body = bodyOfRequest(request);
  const { query } = body;
  if (typeof query !== "string" && !isObject(query)) throw badRequest();
  return { source: sourceOf(referenceIn(body)), query, range: rangeOf(body, nowMs) };
}

function refuseFailure(error: unknown): never {
  if (error instanceof QueryFailure) throw new Refusal(error.status, { message: error.message });
  throw error;
}

/** Asks each source its queries, all at once. A source that fails leaves the others' answers alone. */
async function askAll(
  queries: readonly RoutedQuery[],
  sourceOf: (reference: string | undefined) => DataSource,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, QueryAnswer>> {
  const bySource = new Map<DataSource, DataQuery[]>();
  for (const { reference, query } of queries) {
    const source = sourceOf(reference);
    const list = bySource.get(source);
    if (list === undefined) bySource.set(source, [query]);
    else list.push(query);
  }
  const answers = new Map<string, QueryAnswer>();
  await Promise.all(
    [...bySource].map(async ([source, list]) => {
      const found = await source.query(list, signal).catch((error: unknown) => error);
      for (const { refId } of list) {
        const answer = found instanceof Map ? (found as ReadonlyMap<string, QueryAnswer>).get(refId) : undefined;
        answers.set(
          refId,
          answer ?? answerOfFailure(found instanceof Map ? new Error("the source gave no answer") : found),
        );
      }
    }),
  );
  // In the order in which they were asked.
  return new Map(queries.flatMap(({ query: { refId } }) => [[refId, answers.get(refId)!] as const]));
}

function sendAnswers(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  answers: ReadonlyMap<string, QueryAnswer>,
): FastifyReply {
  const hasFailed = [...answers.values()].some(({ error }) => error !== undefined);
  void reply.code(hasFailed ? 400 : 200);
  if (headers.accept?.includes(FRAMES_MEDIA_TYPE) === true) {
    return reply.header("content-type", FRAMES_MEDIA_TYPE).send(Buffer.from(writeFrames(answers)));
  }
  return reply.send(answersToJson(answers));
}
