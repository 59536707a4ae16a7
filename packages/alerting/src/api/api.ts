import { access, type BodyLimits, BodyRefused, heldBodies } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { acknowledgementRoutes } from "./acknowledgement-routes.ts";
import { alertRoutes } from "./alert-routes.ts";
import { mediaTypeFault, sendFault, sendPlainJson } from "./api-exchange.ts";
import { ApiFault, HandlerError } from "./api-fault.ts";
import type { ApiContext, ApiFeatures } from "./api-context.ts";
import { historyRoutes } from "./history-routes.ts";
import { recurringSilenceRoutes } from "./recurring-silence-routes.ts";
import { silenceRoutes } from "./silence-routes.ts";
import { whyRoutes } from "./why-routes.ts";

const MIB = 1024 * 1024;
/**
 * Limits on the size of request bodies. Small bodies (a few alerts or one silence) are accepted even if large bodies
 * have used up the memory limit of all bodies.
 */
const BODY_LIMITS: BodyLimits = {
  maxBytes: 64 * MIB,
  tooLarge: `the body is too large, it may have ${64 * MIB} bytes; send fewer alerts at once`,
  maxHeldBytes: 256 * MIB,
  freeBytes: MIB / 4,
};

/** Returns a plugin with Alertmanager's API v2. Register it under `/api/v2`. */
export function apiV2(context: ApiContext, features: ApiFeatures): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", heldBodies(app, context.bodyLimits ?? BODY_LIMITS));
    app.addHook("onRequest", async (request, reply) => allowOrigins(request, reply));
    app.setErrorHandler((thrown, request, reply) => {
      const error = isMediaTypeRefusal(thrown) ? mediaTypeFault(request) : thrown;
      if (error instanceof ApiFault) {
        if (error.allow !== undefined) reply.header("allow", error.allow);
        return sendFault(reply, error.statusCode, error.code, error.message);
      }
      if (error instanceof HandlerError) return sendPlainJson(reply, error.message, error.statusCode);
      if (error instanceof BodyRefused) reply.header("connection", "close");
      const status = (error as { statusCode?: number }).statusCode ?? 500;
      const message = error instanceof Error ? error.message : String(error);
      return sendFault(reply, status, status, message);
    });
    app.addHook("preValidation", async (request) => checkMediaTypes(request));
    const methods = collectMethods(app);
    takeEndingSlashes(app);
    alertRoutes(app, context, features);
    silenceRoutes(app, context, features);
    historyRoutes(app, context, features);
    recurringSilenceRoutes(app, context, features);
    acknowledgementRoutes(app, context, features);
    whyRoutes(app, context, features);
    for (const extend of features.extensions ?? []) extend(app);
    app.get("/status", access("read"), (_request, reply) => sendPlainJson(reply, statusOf(context, features)));
    app.setNotFoundHandler((request) => refuseUnknown(request, methods));
  };
}

/** Makes every path of the API also valid with a slash at its end. */
function takeEndingSlashes(app: FastifyInstance): void {
  app.addHook("onRoute", (route) => {
    if (route.url.endsWith("/") || route.url.endsWith("*")) return;
    const { url, prefix } = route;
    app.route({ ...route, url: `${url.slice(prefix.length)}/` });
  });
}

/**
 * Refuses a GET request whose Content-Type is not JSON, as Alertmanager does although the body is not read. Also
 * refuses a GET request whose Accept header excludes JSON.
 */
function checkMediaTypes(request: FastifyRequest): void {
  if (request.method !== "GET") return;
  const fault = Number(request.headers["content-length"] ?? 0) > 0 ? mediaTypeFault(request) : undefined;
  if (fault !== undefined) throw fault;
  const { accept } = request.headers;
  if (accept === undefined || accept.split(",").some((range) => JSON_RANGE.test(range))) return;
  throw new ApiFault(406, 406, "unsupported media type requested, only [application/json] are available");
}

const JSON_RANGE = /^\s*(?:\*\/\*|application\/(?:\*|json))\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:;|$)).*)?$/i;

/** Reports whether an error is the web server's refusal of an invalid Content-Type. */
const isMediaTypeRefusal = (error: unknown): boolean =>
  (error as { code?: string } | undefined)?.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE";

/** Collects the allowed methods of each path, for the `Allow` header of responses with status 405. */
function collectMethods(app: FastifyInstance): Map<string, Set<string>> {
  const methods = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const known = methods.get(url) ?? new Set<string>();
    for (const one of [method].flat()) known.add(one);
    methods.set(url, known);
  });
  return methods;
}

/** Allows web pages of any origin to use the API (CORS). */
function allowOrigins(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const {
    origin,
    "access-control-request-method": wanted = "",
    "access-control-request-headers": names,
  } = request.headers;
  if (request.method !== "OPTIONS" || wanted === "") {
    reply.header("cache-control", "no-store").header("vary", "Origin");
    if (origin !== undefined && [...METHODS, "OPTIONS"].includes(request.method)) {
      reply.header("access-control-allow-origin", "*");
    }
    return undefined;
  }
  reply.header("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  if (origin !== undefined && METHODS.includes(wanted) && (names === undefined || areAllowed(names))) {
    reply.header("access-control-allow-origin", "*").header("access-control-allow-methods", wanted);
    if (names !== undefined) reply.header("access-control-allow-headers", names);
  }
  return reply.code(204).send();
}

const METHODS: readonly string[] = ["GET", "HEAD", "POST"];
const HEADERS: readonly string[] = ["accept", "content-type", "x-requested-with"];

/**
 * Reports whether all headers that a CORS preflight request names are allowed. Browsers send the names in lower case,
 * sorted, without spaces.
 */
function areAllowed(names: string): boolean {
  const list = names.split(",");
  return list.every((name, i) => HEADERS.includes(name) && (i === 0 || list[i - 1]! < name));
}

function refuseUnknown(request: FastifyRequest, methods: ReadonlyMap<string, ReadonlySet<string>>): never {
  const path = request.url.split("?")[0]!;
  const known = methods.get(path) ?? methods.get(path.replace(/\/silence\/[^/]+(?=\/?$)/, "/silence/:id"));
  if (known === undefined) throw new ApiFault(404, 404, `path ${path} was not found`);
  const allowed = [...known]
    .filter((method) => method !== "HEAD")
    .sort()
    .reverse()
    .join(",");
  throw new ApiFault(405, 405, `method ${request.method} is not allowed, but [${allowed}] are`, allowed);
}

function statusOf({ startedAt, versionInfo }: ApiContext, { cluster, state, problems }: ApiFeatures): unknown {
  return {
    cluster: cluster(),
    config: { original: state().configYaml },
    uptime: new Date(startedAt).toISOString(),
    versionInfo,
    ...problems?.(),
  };
}
