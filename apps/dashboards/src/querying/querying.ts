import type { JsonObject, ResolvedTimeRange } from "@narthex/dashboards";
import {
  type DataQuery,
  type DataSource,
  isExpression,
  QueryFailure,
  type RequestContext,
  sourceReference,
} from "@narthex/datasources";
import type { Feature } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { VisibleSources, VisibleSourcesTo } from "../access/visible-sources.ts";
import { needs, needsSource } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Sources } from "../datasources/sources.ts";
import { answersWhileAwaited } from "../web/client-gone.ts";
import { badRequest, Refusal, refusal } from "../web/refusal.ts";
import { type Body, bodyOfRequest, isObject, pathParameter } from "../web/request-body.ts";
import { sendableBody } from "./answer-body.ts";
import { queryPanelsRoute } from "./query-panels.ts";
import { QueryRunner } from "./query-runner.ts";
import { FaultLog } from "./fault-log.ts";
import { endIfStalled } from "./stalled-clients.ts";
import { queriesOf, rangeOf } from "./query-request.ts";

/**
 * Maximum size of a request body, in bytes. All viewers may send such bodies, and parsed values need several times
 * their size in memory.
 */
const MAX_BYTES = 10 * 1024 * 1024;

const QUERY = { ...needsSource("view", "datasources:query"), bodyLimit: MAX_BYTES };

export function openQuerying({ clock, logger }: Context, { instances, visible }: Sources): Feature {
  const faults = new FaultLog(logger);
  const panelQueries = new QueryRunner({ clock, flights: instances.desk.flights, faults });
  return {
    name: "querying",
    metrics: [() => panelQueries.families()],
    routes({ app }) {
      app.post("/api/ds/query", QUERY, async (request, reply) => {
        const queries = queriesOf(bodyOfRequest(request), clock.now());
        const { context: sender } = visible(request);
        checkSources(queries, sender);
        const { status, type, body } = await answersWhileAwaited(reply, async (signal) =>
          panelQueries.answer(queries, request.headers.accept ?? "", signal, sender),
        );
        endIfStalled(reply, clock);
        if (body.length !== undefined) reply.header("content-length", body.length);
        return reply.code(status).header("content-type", type).send(sendableBody(body, clock));
      });
      queryPanelsRoute(app, QUERY, {
        clock,
        faults,
        senderOf: (request) => visible(request).context,
        check: checkSources,
        queries: panelQueries,
      });
      const refuseFailure: RefuseFailure = (error, { aborted }) => {
        if (error instanceof QueryFailure) throw new Refusal(error.status, { message: error.message });
        if (!aborted) faults.log(error);
        throw error;
      };
      ownRoutes(app, visible, refuseFailure, () => clock.now());
      resourceRoute(app, visible, refuseFailure);
      app.get("/api/narthex/querying/users", needs("admin", "datasources:read"), () => ({
        users: [...instances.desk.slots.accounts].map(([user, account]) => ({ user, ...account })),
      }));
    },
  };
}

/**
 * Throws a refusal if all data sources of the request are missing. If only some are missing, only their queries fail.
 */
function checkSources(queries: readonly DataQuery[], { sourceOf }: RequestContext): void {
  const references = new Set(queries.map(({ source }) => sourceReference(source)));
  const isKnown = (reference: string): boolean => isExpression(reference) || sourceOf(reference) !== undefined;
  if (references.values().some(isKnown)) return;
  throw sourceNotFound(sourceReference(queries[0]!.source));
}

const sourceNotFound = (reference: string): Refusal =>
  refusal(404, `Data source not found${reference === "" ? "" : `: ${reference.slice(0, 200)}`}`);

/**
 * Throws a refusal for the error of a data source. An error that is a bug of this program is logged and thrown
 * unchanged.
 */
type RefuseFailure = (error: unknown, signal: AbortSignal) => never;

/** Adds the routes that only Narthex's pages use, and not Grafana's clients. */
function ownRoutes(
  app: FastifyInstance,
  visible: VisibleSourcesTo,
  refuseFailure: RefuseFailure,
  now: () => number,
): void {
  app.post("/api/narthex/variables/values", QUERY, async (request, reply) => {
    const { source, query, range, sender } = ownRequest(request, visible(request), now());
    if (source.variableValues === undefined) throw refusal(400, "this data source has no values for variables");
    const values = await answersWhileAwaited(reply, (signal) =>
      source.variableValues!(query, range, signal, sender).catch((error) => refuseFailure(error, signal)),
    );
    return { values };
  });
  app.post("/api/narthex/annotations/query", QUERY, async (request, reply) => {
    const { source, query, range, sender } = ownRequest(request, visible(request), now());
    if (source.annotations === undefined) throw refusal(400, "this data source has no annotations");
    if (typeof query === "string") throw badRequest();
    const found = await answersWhileAwaited(reply, (signal) =>
      source.annotations!(query, range, signal, sender).catch((error) => refuseFailure(error, signal)),
    );
    return { annotations: found };
  });
}

/** Adds the route with which query editors list the contents of a data source, such as tables and columns. */
function resourceRoute(app: FastifyInstance, visible: VisibleSourcesTo, refuseFailure: RefuseFailure): void {
  app.post("/api/narthex/sources/:uid/resources/*", QUERY, async (request, reply) => {
    const seen = visible(request);
    const { uid } = seen.source(pathParameter(request, "uid"));
    const source = seen.referred(uid);
    if (source?.resource === undefined) throw refusal(404, "this data source has no resources");
    const path = pathParameter(request, "*");
    return answersWhileAwaited(reply, (signal) =>
      source.resource!(path, bodyOfRequest(request), signal, seen.context).catch((error: unknown) =>
        refuseFailure(error, signal),
      ),
    );
  });
}

interface OwnRequest {
  readonly source: DataSource;
  readonly query: string | JsonObject;
  readonly range: ResolvedTimeRange;
  readonly sender: RequestContext;
}

function ownRequest(request: FastifyRequest, seen: VisibleSources, nowMs: number): OwnRequest {
  const body: Body = bodyOfRequest(request);
  const { query } = body;
  if (typeof query !== "string" && !isObject(query)) throw badRequest();
  const reference = sourceReference(body);
  const source = seen.referred(reference);
  if (source === undefined) throw sourceNotFound(reference);
  return { source, query, range: rangeOf(body, nowMs), sender: seen.context };
}
