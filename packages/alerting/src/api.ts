import { goJson } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ApiFault, HandlerError } from "./api-fault.ts";
import { alertRoutes } from "./alert-routes.ts";
import type { AlertStore } from "./alert-store.ts";
import type { AlertingMetrics } from "./alerting-metrics.ts";
import { badBody } from "./posted-alerts.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Inhibitor } from "./inhibition.ts";
import type { MatcherMode } from "./matcher-syntax.ts";
import { silenceRoutes } from "./silence-routes.ts";
import type { Silences } from "./silences.ts";

/** What is in force of the configuration; changes with each reload. */
export interface ApiState {
  readonly dispatcher: Dispatcher;
  readonly inhibitor: Inhibitor;
  readonly resolveTimeoutMs: number;
  /** Receivers in the file's order, with their labels. */
  readonly receivers: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  /** The configuration as YAML, defaults filled in, secrets hidden. */
  readonly configYaml: string;
}

export interface ApiOptions {
  readonly alerts: AlertStore;
  readonly silences: Silences;
  readonly metrics: AlertingMetrics;
  readonly clock: Clock;
  readonly mode: MatcherMode;
  readonly state: () => ApiState;
  /** Unix ms of the start. */
  readonly startedAt: number;
  readonly versionInfo: Readonly<Record<string, string>>;
}

/** A string would get a charset appended to its type. */
const sendBytes = (reply: FastifyReply, json: string, status: number): FastifyReply =>
  reply.code(status).header("content-type", "application/json").send(Buffer.from(json));

/** The framework's answers have no newline at their end, unlike the handlers'. */
const sendFault = (reply: FastifyReply, status: number, code: number, message: string): FastifyReply =>
  sendBytes(reply, goJson({ code, message }), status);

/** Sends JSON as Go's encoder writes it. */
export const sendGoJson = (reply: FastifyReply, value: unknown, status = 200): FastifyReply =>
  sendBytes(reply, `${goJson(value)}\n`, status);

/** Alertmanager's API v2; mount under `/api/v2`. */
export function apiV2(options: ApiOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
    app.addHook("onRequest", async (request, reply) => {
      reply.header("cache-control", "no-store").header("vary", "Origin");
      if (request.headers.origin !== undefined) reply.header("access-control-allow-origin", "*");
    });
    app.setErrorHandler((error, _request, reply) => {
      if (error instanceof ApiFault) return sendFault(reply, error.statusCode, error.code, error.message);
      if (error instanceof HandlerError) return sendGoJson(reply, error.message, error.statusCode);
      const status = (error as { statusCode?: number }).statusCode ?? 500;
      const message = error instanceof Error ? error.message : String(error);
      return sendFault(reply, status, status, message);
    });
    const methods = collectMethods(app);
    alertRoutes(app, options);
    silenceRoutes(app, options);
    // Go's generated code writes this one answer with < and > as they are.
    app.get("/status", (_request, reply) => sendBytes(reply, `${JSON.stringify(statusOf(options))}\n`, 200));
    app.options("/*", (_request, reply) => preflight(reply));
    app.setNotFoundHandler((request) => refuseUnknown(request, methods));
  };
}

/** Methods by route path, for 405 answers. */
function collectMethods(app: FastifyInstance): Map<string, Set<string>> {
  const methods = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const known = methods.get(url) ?? new Set<string>();
    for (const one of [method].flat()) known.add(one);
    methods.set(url, known);
  });
  return methods;
}

const preflight = (reply: FastifyReply): FastifyReply =>
  reply
    .code(204)
    .header("access-control-allow-origin", "*")
    .header("access-control-allow-methods", "GET, POST, PUT, DELETE")
    .header("access-control-allow-headers", "Accept, Authorization, Content-Type, Origin")
    .send();

function refuseUnknown(request: FastifyRequest, methods: ReadonlyMap<string, ReadonlySet<string>>): never {
  const path = request.url.split("?")[0]!;
  const known = methods.get(path) ?? methods.get(path.replace(/\/silence\/[^/]+$/, "/silence/:id"));
  if (known === undefined || path.endsWith("/*")) throw new ApiFault(404, 404, `path ${path} was not found`);
  const allowed = [...known]
    .filter((method) => method !== "HEAD" && method !== "OPTIONS")
    .sort()
    .reverse()
    .join(",");
  throw new ApiFault(405, 405, `method ${request.method} is not allowed, but [${allowed}] are`);
}

function statusOf({ startedAt, versionInfo, state }: ApiOptions): unknown {
  return {
    cluster: { peers: [], status: "disabled" },
    config: { original: state().configYaml },
    uptime: new Date(startedAt).toISOString(),
    versionInfo,
  };
}

/** The JSON of a request's body. Throws ApiFault in the framework's words; `name` is the parameter's. */
export function jsonBody(request: FastifyRequest, name: string): unknown {
  const type = (request.headers["content-type"] ?? "application/octet-stream").split(";")[0]!.trim();
  const text = typeof request.body === "string" ? request.body : "";
  if (text === "") throw new ApiFault(422, 602, `${name} in body is required`);
  if (type !== "application/json") {
    throw new ApiFault(415, 415, `unsupported media type "${type}", only [application/json] are allowed`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
    const cut = position >= text.trimEnd().length || /end of JSON|Unterminated/.test(message);
    throw badBody(name, cut ? "unexpected EOF" : `invalid JSON: ${message}`);
  }
}

/** Values of a repeatable query parameter. */
export function queryList(request: FastifyRequest, name: string): readonly string[] {
  const value = (request.query as Record<string, string | string[] | undefined>)[name];
  return value === undefined ? [] : [value].flat();
}

/** A boolean query parameter; what is no boolean counts as false. */
export function queryFlag(request: FastifyRequest, name: string): boolean {
  const value = queryList(request, name).at(-1);
  return value === undefined || /^(?:1|t|T|TRUE|true|True)$/.test(value);
}
