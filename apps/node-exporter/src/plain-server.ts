import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, formatAddress, type Logger, parseListenAddress } from "@narthex/runtime";
import { errorAnswer, type Handler } from "./answers.ts";

// An import would make Node load its HTTP client with it, four megabytes that stay.
const { createServer } = process.getBuiltinModule("node:http");

/** Time for reading one request and for idle connections. */
const READ_TIMEOUT_MS = 300_000;
/** How often connections without a request are looked for while the server ends. */
const IDLE_LOOK_MS = 50;

/** What serves the exporter's pages. */
export interface PageServer {
  readonly name: "http";
  readonly tls: boolean;
  /** Binds all addresses; the bound `host:port`s in the order given. */
  start(): Promise<readonly string[]>;
  /** Ends idle connections at once, busy ones when their answer is out. */
  stop(): Promise<void>;
}

/** A server without TLS and users: Node's own, and nothing beside it in memory. */
export function plainServer(listen: readonly string[], handle: Handler, clock: Clock, logger: Logger): PageServer {
  const addresses = listen.map(parseListenAddress);
  const servers: Server[] = [];
  const open = (): Server =>
    createServer({ keepAliveTimeout: READ_TIMEOUT_MS, requestTimeout: READ_TIMEOUT_MS }, (request, response) => {
      const { method = "GET", url = "/", headers } = request;
      request.resume();
      answer(response, async () => handle({ method, url, headers })).catch((error: unknown) => {
        logger.error("Request failed", { method, path: url, err: error });
        response.destroy();
      });
    });
  return {
    name: "http",
    tls: false,
    async start() {
      for (const address of addresses) {
        const server = open();
        await new Promise<void>((resolve, reject) => {
          server.once("error", reject);
          server.listen({ ...address }, () => {
            server.off("error", reject);
            resolve();
          });
        });
        servers.push(server);
      }
      return servers.map((server) => formatAddress(server.address() as AddressInfo));
    },
    async stop() {
      const closing = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      // Again and again: a connection whose last answer is under way is not idle yet.
      let cancel = (): void => {};
      const closeIdle = (): void => {
        for (const server of servers) server.closeIdleConnections();
        cancel = clock.after(IDLE_LOOK_MS, closeIdle);
      };
      closeIdle();
      await Promise.all(closing);
      cancel();
    },
  };
}

async function answer(response: ServerResponse, make: () => ReturnType<Handler>): Promise<void> {
  try {
    const { status, headers, body, release } = await make();
    if (release !== undefined) response.once("close", release);
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
  } catch (error) {
    const { status, headers, body } = errorAnswer(500, "Internal Server Error");
    response.writeHead(status, headers).end(body);
    throw error;
  }
}
