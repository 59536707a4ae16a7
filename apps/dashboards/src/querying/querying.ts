import type { JsonObject, ResolvedTimeRange } from "@narthex/dashboards";
import {
  type DataQuery,
  type DataSource,
  isExpression,
  QueryFailure,
  type SourceOf,
  sourceReference,
} from "@narthex/datasources";
import type { Feature } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Sources } from "../datasources/sources.ts";
import { answersWhileAwaited } from "../web/client-gone.ts";
import { badRequest, Refusal, refusal } from "../web/refusal.ts";
import { type Body, bodyOfRequest, isObject } from "../web/request-body.ts";
import { askingUser } from "../datasources/asking-user.ts";
import { queryPanelsRoute } from "./query-panels.ts";
import { QueryRunner } from "./query-runner.ts";
import { FaultLog } from "./fault-log.ts";
import { queriesOf, rangeOf } from "./query-request.ts";

/**
 * Largest body of a request, in bytes. Viewers may send such bodies, and each value in them needs several times its
 * size in memory.
 */
const MAX_BYTES = 10 * 1024 * 1024;

const QUERY = { ...needs("viewer", "datasources:query"), bodyLimit: MAX_BYTES };

export function openQuerying({ clock, logger }: Context, { instances }: Sources): Feature {
  const sourceOf: SourceOf = (reference) => instances.referred(reference);
  const faults = new FaultLog(logger);
  const panelQueries = new QueryRunner({ clock, sourceOf, flights: instances.desk.flights, faults });
  return {
    name: "querying",
    metrics: [() => panelQueries.families()],
    routes({ app }) {
      app.post("/api/ds/query", QUERY, async (request, reply) => {
        const queries = queriesOf(bodyOfRequest(request), clock.now());
        checkSources(queries, sourceOf);
        const { status, type, body } = await answersWhileAwaited(reply, async (signal) =>
          panelQueries.answer(queries, request.headers.accept ?? "", signal, askingUser(request)),
        );
        return reply.code(status).header("content-type", type).send(body);
      });
      queryPanelsRoute(app, QUERY, {
        clock,
        faults,
        check: (queries) => checkSources(queries, sourceOf),
        queries: panelQueries,
      });
      ownRoutes(app, sourceOf, faults, () => clock.now());
      app.get("/api/narthex/querying/users", needs("admin", "datasources:read"), () => ({
        users: [...instances.desk.slots.accounts].map(([user, account]) => ({ user, ...account })),
      }));
    },
  };
}

/** Throws Refusal if all sources of the request are missing. If only some are missing, only their queries fail. */
function checkSources(queries: readonly DataQuery[], sourceOf: SourceOf): void {
  const references = new Set(queries.map(({ source }) => sourceReference(source)));
  const isKnown = (reference: string): boolean => isExpression(reference) || sourceOf(reference) !== undefined;
  if (references.values().some(isKnown)) return;
  throw sourceNotFound(sourceReference(queries[0]!.source));
}

const sourceNotFound = (reference: string): Refusal =>
  refusal(404, `Data source not found${reference === "" ? "" : `: ${reference.slice(0, 200)}`}`);

/** Adds the routes that only Narthex's own pages use. */
function ownRoutes(app: FastifyInstance, sourceOf: SourceOf, faults: FaultLog, now: () => number): void {
  const refuseFailure = (error: unknown, { aborted }: AbortSignal): never => {
    if (error instanceof QueryFailure) throw new Refusal(error.status, { message: error.message });
    if (!aborted) faults.log(error);
    throw error;
  };
  app.post("/api/narthex/variables/values", QUERY, async (request, reply) => {
    const { source, query, range } = ownRequest(request, sourceOf, now());
    if (source.variableValues === undefined) throw refusal(400, "this data source has no values for variables");
    const values = await answersWhileAwaited(reply, (signal) =>
      source.variableValues!(query, range, signal, askingUser(request)).catch((error) => refuseFailure(error, signal)),
    );
    return { values };
  });
  app.post("/api/narthex/annotations/query", QUERY, async (request, reply) => {
    const { source, query, range } = ownRequest(request, sourceOf, now());
    if (source.annotations === undefined) throw refusal(400, "this data source has no annotations");
    if (typeof query === "string") throw badRequest();
    const found = await answersWhileAwaited(reply, (signal) =>
      source.annotations!(query, range, signal, askingUser(request)).catch((error) => refuseFailure(error, signal)),
    );
    return { annotations: found };
  });
}

interface OwnRequest {
  readonly source: DataSource;
  readonly query: string | JsonObject;
  readonly range: ResolvedTimeRange;
}

function ownRequest(request: FastifyRequest, sourceOf: SourceOf, nowMs: number): OwnRequest {
  const body: Body = bodyOfRequest(request);
  const { query } = body;
  if (typeof query !== "string" && !isObject(query)) throw badRequest();
  const reference = sourceReference(body);
  const source = sourceOf(reference);
  if (source === undefined) throw sourceNotFound(reference);
  return { source, query, range: rangeOf(body, nowMs) };
}
