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
import { ApiError } from "./api-error.ts";
import { parseFields } from "./form.ts";
import { answerUnknownRoutes, plainError, routableUrl } from "./go-router.ts";
import { BodyRefused, wholeBody } from "./raw-bodies.ts";
import { ANONYMOUS, type Principal, principalOfCertificate } from "./principal.ts";
import { WebConfigSource } from "../web-config/web-config-source.ts";
import { guardRoutes } from "../web-config/web-guard.ts";

export interface HttpServerOptions {
  /** `--web.listen-address` values; port 0 lets the system choose. */
  readonly listen: readonly string[];
  /** `--web.config.file`; "" for none. */
  readonly webConfigFile: string;
  /** A change of it cannot be used, for this reason; undefined: a later one can. */
  readonly onWebConfigProblem?: (problem: string | undefined) => void;
  /** What the paths of all routes begin with; the health pages below it wait for no other request. Default "". */
  readonly routePrefix?: string;
  /** Which URLs are answered before others' requests. Default: `/-/healthy` and `/-/ready` below the prefix. */
  readonly isHealthCheck?: (url: string) => boolean;
  /** Rights that the role's flags switch off. Default: none. */
  readonly disabled?: DisabledAccess;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Sockets open at once, over all listeners; more wait. Default: no limit. */
  readonly maxConnections?: number;
  /** Time for reading one request and for idle connections. Default 5 min. */
  readonly readTimeoutMs?: number;
  /** Largest request body, bytes. Default 64 MiB. */
  readonly bodyLimit?: number;
  /** Listening sockets that are open already, as file descriptors: taken instead of `listen`. */
  readonly descriptors?: readonly number[];
  /** Answer OPTIONS and add or take off a slash at a path's end, as Go's httprouter does. Default: no. */
  readonly wholeRouter?: boolean;
  /** The URL that a request's URL is routed as; `originalUrl` stays what was sent. */
  readonly routedAs?: (url: string) => string;
  /**
   * Hand memory back whenever nothing has been asked for a while, and pages of Node's program at intervals. Default: no; it
   * stops a thread with much to collect.
   */
  readonly shrinkWhenIdle?: boolean;
}

export interface HttpServer {
  readonly name: "http";
  /** Register routes here before start(), each with the access that it needs. */
  readonly app: FastifyInstance;
  readonly routes: RouteTable;
  /** TLS in force? */
  readonly tls: boolean;
  /** Connections that were taken since the start, and those of them that are closed. */
  readonly connections: { readonly accepted: number; readonly closed: number };
  /** The web config file, if there is one. */
  readonly webConfig: WebConfigSource | undefined;
  /** Binds all addresses; the bound `host:port`s in the order of `listen`. */
  start(): Promise<readonly string[]>;
  /** Ends idle connections at once, busy ones when their answer is out. */
  stop(): Promise<void>;
}

const DEFAULT_BODY_LIMIT = 64 * 1024 * 1024;
/** Bytes of a form: as many as Go reads, and thereby Prometheus. */
const MAX_FORM = 10 * 1024 * 1024;
/** Fields of a form: millions of empty ones would hold the thread for seconds. */
const MAX_FIELDS = 2 ** 16;

/** A Fastify instance behind one or more sockets, with TLS and users as the web config file says. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  // Loaded here, so that a tool that knows the client alone does not wait for a server.
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
  const routes = new RouteTable(app, options.disabled);
  const certified = assignPrincipals(app);
  if (source !== undefined) guardRoutes(app, source, clock);
  app.addHook("onRequest", ({ originalUrl }, reply, done) => {
    // Meant for the server, of which only OPTIONS asks something.
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

/** Lets the log of a stall name the route: when its request comes, and when the body is there. */
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
      // What the start leaves behind is the most of it, in a role that no one asks anything.
      collector.noteWork();
      pages = new PageReturn(clock);
    },
    stop() {
      collector.stop();
      pages?.stop();
    },
  };
}

/** Answers a request that failed in the words of its status, and logs it if it is not the client's fault. */
function reportErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    return plainError(reply, status, STATUS_CODES[status] ?? "Error");
  });
  app.addHook("onError", async (request, _reply, error) => {
    const status = (error as { statusCode?: number }).statusCode;
    const isExpected = error instanceof ApiError || error instanceof BodyRefused;
    if (isExpected || (status !== undefined && status < 500)) return;
    logger.error("Request failed", { method: request.method, path: request.url, err: error });
  });
}

const openWebConfig = (options: HttpServerOptions): WebConfigSource | undefined => {
  const { webConfigFile, clock, logger, onWebConfigProblem } = options;
  if (webConfigFile === "") return undefined;
  return new WebConfigSource(webConfigFile, { clock, logger, onProblem: onWebConfigProblem });
};

/** Reads forms. Bodies of other types are not read: a scope whose routes take them has parsers of its own. */
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

/** Whom connections belong to by their certificates. */
type CertifiedSockets = WeakMap<Socket, Principal>;

/** Notes on each request whom it comes from, as far as its connection tells. */
function assignPrincipals(app: FastifyInstance): CertifiedSockets {
  const certified: CertifiedSockets = new WeakMap();
  app.decorateRequest("principal");
  app.addHook("onRequest", (request, _reply, done) => {
    request.principal = certified.get(request.socket) ?? ANONYMOUS;
    done();
  });
  return certified;
}

/** Go's words to a client that begins in the clear. */
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
