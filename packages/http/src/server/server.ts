import { createServer as createHttp, type IncomingMessage, type RequestListener, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import {
  type Clock,
  eventLoop,
  HttpListeners,
  IdleCollector,
  type ListenPlace,
  type Logger,
  PageReturn,
  parseListenAddress,
  SERVER_OPTIONS,
} from "@narthex/runtime";
import { TlsAcceptor } from "@narthex/tls";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type DisabledAccess, RouteTable } from "./access.ts";
import { AnswerPieces } from "./answer-pieces.ts";
import { ApiError } from "./api-error.ts";
import { parseFields } from "./form.ts";
import { answerUnknownRoutes, plainError, routableUrl } from "./go-router.ts";
import { BodyRefused, wholeBody } from "./raw-bodies.ts";
import { ANONYMOUS, type Principal, principalOfCertificate } from "./principal.ts";
import { WebConfigSource } from "../web-config/web-config-source.ts";
import { guardRoutes } from "../web-config/web-guard.ts";
import { checkedSignInUrl, SignIn } from "../sign-in/sign-in.ts";

export interface HttpServerOptions {
  /** Values of `--web.listen-address`; with port 0 the system chooses the port. */
  readonly listen: readonly string[];
  /** Value of `--web.config.file`; "" for none. */
  readonly webConfigFile: string;
  /**
   * Callback with the reason if a changed web config file cannot be used, and with undefined after a later valid
   * change.
   */
  readonly onWebConfigProblem?: (problem: string | undefined) => void;
  /** Prefix of the paths of all routes. Health checks below this prefix do not wait for other requests. Default: "". */
  readonly routePrefix?: string;
  /**
   * Returns whether a URL is a health check, which is answered before other requests. Default: `/-/healthy` and
   * `/-/ready` below the prefix.
   */
  readonly isHealthCheck?: (url: string) => boolean;
  /**
   * Value of `--web.sign-in-url`: address of the dashboards role. Its people and tokens may then use this server.
   * Default: none.
   */
  readonly signInUrl?: string;
  /** Functions that answer the routes of rights that command-line flags disable. Default: none. */
  readonly disabled?: DisabledAccess;
  /** Public URL of the server. Pages below its host may use the admin API even if a reverse proxy replaces `Host`. */
  readonly externalUrl?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Largest number of open sockets of all listeners together. Further connections wait. Default: no limit. */
  readonly maxConnections?: number;
  /** Time limit in ms for reading one request, and for idle connections. Default: 5 min. */
  readonly readTimeoutMs?: number;
  /** Maximum size of a request body, bytes. Default: 64 MiB. */
  readonly bodyLimit?: number;
  /** File descriptors of sockets that are already open; used instead of `listen`. */
  readonly descriptors?: readonly number[];
  /**
   * Whether OPTIONS requests are answered, and paths with a wrong trailing slash are redirected, as Go's httprouter
   * does. Default: false.
   */
  readonly wholeRouter?: boolean;
  /** Returns the URL that the router uses for a received URL. `originalUrl` stays the received URL. */
  readonly routedAs?: (url: string) => string;
  /**
   * Whether the process returns unused memory to the system after a while without requests. It also returns rarely used
   * pages of Node's program at intervals. Default: false, because returning memory pauses a thread that has much
   * garbage.
   */
  readonly shrinkWhenIdle?: boolean;
}

export interface HttpServer {
  readonly name: "http";
  /** The Fastify instance. Routes must be registered before start(), each with the access that it requires. */
  readonly app: FastifyInstance;
  readonly routes: RouteTable;
  readonly tls: boolean;
  /** Number of accepted connections and of closed connections since the start. */
  readonly connections: { readonly accepted: number; readonly closed: number };
  /** The web config file, if one is used. */
  readonly webConfig: WebConfigSource | undefined;
  /** Binds all addresses. Returns the bound `host:port`s in the order of `listen`. */
  start(): Promise<readonly string[]>;
  /** Closes idle connections immediately, and busy connections after their answer was sent. */
  stop(): Promise<void>;
}

const DEFAULT_BODY_LIMIT = 64 * 1024 * 1024;
/** Maximum size of a form in bytes, as in Go and Prometheus. */
const MAX_FORM = 10 * 1024 * 1024;
/** Largest number of fields of a form. Millions of empty fields would block the thread for seconds. */
const MAX_FIELDS = 2 ** 16;

/** Creates an HTTP server on one or more sockets, with the TLS settings and users of the web config file. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  // Loads Fastify only when a server starts, so that programs that use only the HTTP client do not load it.
  const { default: fastify } = await import("fastify");
  const { clock, logger } = options;
  const source = openWebConfig(options);
  const places: readonly ListenPlace[] =
    options.descriptors?.map((fd) => ({ fd })) ?? options.listen.map(parseListenAddress);
  let handle: RequestListener = () => undefined;
  const { routedAs = routableUrl } = options;
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: options.bodyLimit ?? DEFAULT_BODY_LIMIT,
    forceCloseConnections: "idle",
    rewriteUrl: ({ url = "/" }: IncomingMessage) => (url === "*" ? "/" : routedAs(url)),
    routerOptions: { maxParamLength: 16_384 },
    serverFactory: (handler) => {
      handle = handler;
      return createHttp(handle);
    },
  }) as unknown as FastifyInstance;
  noteOperations(app);
  readBodies(app);
  reportErrors(app, logger);
  const ownHosts = new Set([URL.parse(options.externalUrl ?? "")?.host ?? ""]);
  const routes = new RouteTable(app, options.disabled, ownHosts);
  const certified = assignPrincipals(app);
  guardAll(app, options, ownHosts, source);
  app.addHook("onRequest", ({ originalUrl }, reply, done) => {
    // Refuses the target `*`, which means the server itself, for all methods except OPTIONS.
    if (originalUrl === "*") void reply.code(400).header("connection", "close").send();
    else done();
  });
  answerUnknownRoutes(app, options.wholeRouter ?? false);
  const listeners = new HttpListeners({
    places,
    open: () => createHttp(SERVER_OPTIONS),
    secure: source?.hasTls === true ? (accept) => acceptTls(source, accept, { clock, logger, certified }) : undefined,
    handle: (request, response) => handle(request, response),
    routePrefix: options.routePrefix,
    isHealthCheck: options.isHealthCheck,
    clock,
    logger,
    maxConnections: options.maxConnections,
    readTimeoutMs: options.readTimeoutMs,
  });
  chargeAnswers(app, listeners);
  const memory = options.shrinkWhenIdle === true ? handMemoryBack(app, clock) : undefined;
  return {
    name: "http",
    app,
    routes,
    tls: source?.hasTls ?? false,
    connections: listeners.connections,
    webConfig: source,
    async start() {
      await app.ready();
      const bound = await listeners.start();
      memory?.start();
      return bound;
    },
    async stop() {
      memory?.stop();
      const closed = listeners.stop();
      await app.close();
      await closed;
    },
  };
}

/**
 * Records the route of a request at its arrival and when its body is complete. If the event loop stalls, the log can
 * then name the route.
 */
function noteOperations(app: FastifyInstance): void {
  const note = (request: FastifyRequest): void =>
    void eventLoop.begin("route", `${request.method} ${request.routeOptions.url ?? "(no such path)"}`);
  app.addHook("onRequest", (request, _reply, done) => {
    note(request);
    done();
  });
  app.addHook("preHandler", (request, _reply, done) => {
    note(request);
    done();
  });
}

function chargeAnswers(app: FastifyInstance, { answers }: HttpListeners): void {
  app.addHook("onSend", (_request, reply, payload: unknown, done) => {
    if (typeof payload === "string" || payload instanceof Uint8Array) answers.charge(reply.raw, payload.length);
    else if (payload instanceof AnswerPieces) answers.charge(reply.raw, payload.bytes);
    done();
  });
}

function handMemoryBack(app: FastifyInstance, clock: Clock): { start(): void; stop(): void } {
  const collector = new IdleCollector({ clock });
  app.addHook("onResponse", (_request, _reply, done) => {
    collector.noteWork();
    done();
  });
  let pages: PageReturn | undefined;
  return {
    start() {
      // Counts the start of the process as work, because it leaves garbage that must be collected even if no request
      // follows.
      collector.noteWork();
      pages = new PageReturn(clock);
    },
    stop() {
      collector.stop();
      pages?.stop();
    },
  };
}

/** Answers a failed request with the text of its status. Logs errors that were not caused by the client. */
function reportErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    return plainError(reply, status, STATUS_CODES[status] ?? "Error");
  });
  app.addHook("onError", async (request, _reply, error) => {
    const status = (error as { statusCode?: number }).statusCode;
    const isExpected = error instanceof ApiError || error instanceof BodyRefused;
    if (isExpected || (status !== undefined && status < 500)) return;
    logger.error("Request failed", { method: request.method, path: loggedPath(request), err: error });
  });
}

/**
 * Returns the path of a request for the log. Leaves out the query and the path of an invitation, because both may
 * contain a code or token of a sign-in.
 */
function loggedPath({ url, params, routeOptions }: FastifyRequest): string {
  const hasCode = typeof params === "object" && params !== null && "code" in params;
  return (hasCode ? routeOptions.url : undefined) ?? url.split("?", 1)[0]!;
}

const openWebConfig = (options: HttpServerOptions): WebConfigSource | undefined => {
  const { webConfigFile, clock, logger, onWebConfigProblem } = options;
  if (webConfigFile === "") return undefined;
  return new WebConfigSource(webConfigFile, { clock, logger, onProblem: onWebConfigProblem });
};

/** Adds the checks of the web config file and of `--web.sign-in-url` to all routes. */
function guardAll(
  app: FastifyInstance,
  { signInUrl = "", routePrefix = "", externalUrl = "", clock, logger }: HttpServerOptions,
  ownHosts: ReadonlySet<string>,
  source: WebConfigSource | undefined,
): void {
  if (source !== undefined) guardRoutes(app, source, clock, signInUrl !== "");
  if (signInUrl === "") return;
  const signIn = new SignIn({
    url: checkedSignInUrl(signInUrl),
    prefix: routePrefix,
    ownHosts,
    secureHost: externalUrl.startsWith("https:") ? URL.parse(externalUrl)?.host : undefined,
    hasUsers: () => (source?.current().users.size ?? 0) > 0,
    clock,
    logger,
  });
  signIn.guard(app);
}

/** Reads form bodies only. Fastify scopes whose routes need other bodies have their own parsers. */
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const form = wholeBody(
    (body) => {
      const text = body.toString();
      if (text.split("&", MAX_FIELDS + 1).length <= MAX_FIELDS) return parseFields(text);
      throw new ApiError("bad_data", `form has more than ${MAX_FIELDS} fields`);
    },
    { maxBytes: MAX_FORM, refusal: "http: POST too large" },
  );
  app.addContentTypeParser("application/x-www-form-urlencoded", form);
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
}

/** Users of connections, as named by the connection's verified certificate. */
type CertifiedSockets = WeakMap<Socket, Principal>;

/** Sets the user of each request if the connection's certificate identifies a user. */
function assignPrincipals(app: FastifyInstance): CertifiedSockets {
  const certified: CertifiedSockets = new WeakMap();
  app.decorateRequest("principal");
  app.addHook("onRequest", (request, _reply, done) => {
    request.principal = certified.get(request.socket) ?? ANONYMOUS;
    done();
  });
  return certified;
}

/** Answer to a client that sends plain HTTP to a TLS port. The text is the same as in Go. */
const PLAIN_ANSWER = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

interface TlsContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly certified: CertifiedSockets;
}

const acceptTls = (
  source: WebConfigSource,
  accept: (socket: Socket) => void,
  { certified, ...context }: TlsContext,
): TlsAcceptor =>
  new TlsAcceptor({
    terms: () => source.terms(),
    protocols: ["http/1.1"],
    plainAnswer: PLAIN_ANSWER,
    accept(socket, certificate) {
      if (certificate !== undefined) certified.set(socket, principalOfCertificate(certificate));
      accept(socket);
    },
    ...context,
  });
