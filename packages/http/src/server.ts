import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createHttps, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type Clock, formatAddress, type Logger, parseListenAddress } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";
import { ApiError } from "./api-error.ts";
import { parseFields } from "./form.ts";
import { answerUnknownRoutes } from "./unknown-route.ts";
import { tlsOptions } from "./tls.ts";
import { WebConfigSource } from "./web-config.ts";
import { guardRoutes } from "./web-guard.ts";

export interface HttpServerOptions {
  /** `--web.listen-address` values; port 0 lets the system choose. */
  readonly listen: readonly string[];
  /** `--web.config.file`; "" for none. */
  readonly webConfigFile: string;
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
}

export interface HttpServer {
  readonly name: "http";
  /** Register routes here before start(). */
  readonly app: FastifyInstance;
  /** TLS in force? */
  readonly tls: boolean;
  /** Binds all addresses; the bound `host:port`s in the order of `listen`. */
  start(): Promise<readonly string[]>;
  /** Ends idle connections at once, busy ones when their answer is out. */
  stop(): Promise<void>;
}

const DEFAULT_BODY_LIMIT = 64 * 1024 * 1024;
/** How often connections without a request are looked for while the server ends. */
const IDLE_LOOK_MS = 50;
/** Bytes of a form: as many as Go reads, and thereby Prometheus. */
const MAX_FORM = 10 * 1024 * 1024;
/** Fields of a form: millions of empty ones would hold the thread for seconds. */
const MAX_FIELDS = 2 ** 16;
const DEFAULT_READ_TIMEOUT_MS = 300_000;

/** A Fastify instance behind one or more sockets, with TLS and users as the web config file says. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  // Loaded here, so that a tool that knows the client alone does not wait for a server.
  const { default: fastify } = await import("fastify");
  const source = options.webConfigFile === "" ? undefined : new WebConfigSource(options.webConfigFile);
  const addresses: readonly Place[] =
    options.descriptors?.map((fd) => ({ fd })) ?? options.listen.map(parseListenAddress);
  let handle: RequestListener = () => undefined;
  const { routedAs } = options;
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: options.bodyLimit ?? DEFAULT_BODY_LIMIT,
    forceCloseConnections: "idle",
    ...(routedAs === undefined ? {} : { rewriteUrl: (request: IncomingMessage) => routedAs(request.url ?? "/") }),
    routerOptions: { maxParamLength: 16_384 },
    serverFactory: (handler) => {
      handle = handler;
      return createHttp(handle);
    },
  }) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, app.getDefaultJsonParser("error", "error"));
  const form = { parseAs: "string" as const, bodyLimit: MAX_FORM };
  app.addContentTypeParser<string>("application/x-www-form-urlencoded", form, (_request, text, done) => {
    if (text.split("&", MAX_FIELDS + 1).length <= MAX_FIELDS) done(null, parseFields(text));
    else done(new ApiError("bad_data", `form has more than ${MAX_FIELDS} fields`));
  });
  app.addHook("onError", async (request, _reply, error) => {
    const status = (error as { statusCode?: number }).statusCode;
    if (error instanceof ApiError || (status !== undefined && status < 500)) return;
    options.logger.error("Request failed", { method: request.method, path: request.url, err: error });
  });
  if (source !== undefined) guardRoutes(app, source, options.clock);
  answerUnknownRoutes(app, options.wholeRouter ?? false);
  const servers: (Server | TlsServer)[] = [];
  const makeServer = (): Server | TlsServer =>
    source?.current().tls === undefined ? createHttp(handle) : tlsServer(source, handle);
  return {
    name: "http",
    app,
    tls: source?.current().tls !== undefined,
    async start() {
      await app.ready();
      const bound: string[] = [];
      for (const address of addresses) {
        const server = makeServer();
        server.keepAliveTimeout = options.readTimeoutMs ?? DEFAULT_READ_TIMEOUT_MS;
        server.requestTimeout = options.readTimeoutMs ?? DEFAULT_READ_TIMEOUT_MS;
        if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
        await listen(server, address);
        servers.push(server);
        bound.push(formatAddress(server.address() as AddressInfo));
      }
      return bound;
    },
    async stop() {
      const closing = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      // Again and again: a connection whose last answer is under way is not idle yet.
      let cancel = (): void => {};
      const closeIdle = (): void => {
        for (const server of servers) server.closeIdleConnections();
        cancel = options.clock.after(IDLE_LOOK_MS, closeIdle);
      };
      closeIdle();
      await app.close();
      await Promise.all(closing);
      cancel();
    },
  };
}

/** Where a server listens. */
type Place = { readonly fd: number } | { readonly host: string | undefined; readonly port: number };

function listen(server: Server | TlsServer, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ ...place }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** An HTTPS server that takes renewed certificates at the next connection. */
function tlsServer(source: WebConfigSource, handle: RequestListener): TlsServer {
  let inForce = source.current().tls!;
  const server = createHttps(tlsOptions(inForce), handle);
  server.on("connection", () => {
    const next = source.current().tls;
    if (next === undefined || next === inForce) return;
    inForce = next;
    server.setSecureContext(tlsOptions(next));
  });
  return server;
}
