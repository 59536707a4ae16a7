import { connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { isIP } from "node:net";
import type { Clock, Logger } from "@narthex/runtime";
import { type ServerTerms, TlsAcceptor } from "@narthex/tls";
import {
  type Connection,
  type ConnectionHandlers,
  DialError,
  formatHostPort,
  MAX_STRANGERS,
  splitHostPort,
  type Transport,
} from "./transport.ts";

export interface MeshTls {
  /** Returns the TLS settings for incoming connections. Returns the same object until a setting changes. */
  terms(): ServerTerms;
  client(): ConnectionOptions;
}

export interface TcpOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: MeshTls | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "bind: address already in use",
  EADDRNOTAVAIL: "bind: cannot assign requested address",
  EACCES: "bind: permission denied",
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "i/o timeout",
  ECONNRESET: "connection reset by peer",
  EPIPE: "broken pipe",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "temporary failure in name resolution",
};

/** Returns the text that Go uses for an error of the operating system. */
function systemReason(error: unknown): string {
  const code = (error as { code?: string }).code ?? "";
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}

export class TcpTransport implements Transport {
  readonly #options: TcpOptions;
  #server: Server | undefined;
  #acceptor: TlsAcceptor | undefined;

  constructor(options: TcpOptions) {
    this.#options = options;
  }

  async listen(accept: (connection: Connection) => void): Promise<{ readonly host: string; readonly port: number }> {
    const { host, port, tls, clock, logger } = this.#options;
    const take = (socket: Socket): void => accept(this.#connection(socket));
    const acceptor =
      tls && new TlsAcceptor({ terms: () => tls.terms(), maxHandshakes: MAX_STRANGERS, clock, accept: take, logger });
    this.#acceptor = acceptor;
    const server = createServer({ noDelay: true }, acceptor === undefined ? take : (socket) => acceptor.take(socket));
    this.#server = server;
    // Accepts IPv6 connections with the IPv4 wildcard too, as Go does.
    const wildcard = host === "" || host === "0.0.0.0";
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => {
        const address = formatHostPort(host, port);
        const reason = `listen tcp ${address}: ${systemReason(error)}`;
        reject(new Error(`Failed to start TCP listener on ${JSON.stringify(host)} port ${port}: ${reason}`));
      });
      server.listen(wildcard ? { port } : { host, port }, resolve);
    });
    server.removeAllListeners("error");
    // Ignores later errors of the listener, because each concerns a single connection that could not be accepted.
    server.on("error", () => undefined);
    const bound = server.address() as { address: string; port: number };
    return { host: wildcard ? host : bound.address, port: bound.port };
  }

  dial(address: string, timeoutMs: number): Promise<Connection> {
    const { clock, tls } = this.#options;
    return new Promise((resolve, reject) => {
      let socket: Socket;
      try {
        const [host, port] = splitHostPort(address);
        const remote = { host, port: Number(port) };
        if (tls === undefined) socket = connect({ ...remote, noDelay: true });
        else socket = connectTls({ ...remote, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls.client() });
      } catch (error) {
        reject(new DialError(`dial tcp ${address}: ${error instanceof Error ? error.message : String(error)}`));
        return;
      }
      const cancel = clock.after(timeoutMs, () => socket.destroy(new Error("i/o timeout")));
      const fail = (error: Error): void => {
        cancel();
        const words = (error as { code?: string }).code === "ENOTFOUND" ? "lookup" : "dial tcp";
        const refused = (error as { code?: string }).code === "ECONNREFUSED";
        reject(new DialError(`${words} ${address}: ${systemReason(error)}`, refused));
      };
      socket.once("error", fail);
      socket.once(tls === undefined ? "connect" : "secureConnect", () => {
        cancel();
        socket.off("error", fail);
        resolve(this.#connection(socket));
      });
    });
  }

  async close(): Promise<void> {
    this.#acceptor?.close();
    // Closes only the listening socket. Open connections are closed by the objects that use them.
    this.#server?.close();
  }

  #connection(socket: Socket): Connection {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    let reason = "closed by the other side";
    let handlers: ConnectionHandlers | undefined;
    socket.on("error", (error) => (reason = systemReason(error)));
    socket.on("close", () => handlers?.closed(reason));
    return {
      handle(given) {
        handlers = given;
        socket.on("data", (bytes: Uint8Array) => given.data(bytes));
      },
      write: (bytes) =>
        new Promise((resolve, reject) => {
          if (socket.destroyed || socket.writableEnded) reject(new Error(reason));
          else socket.write(bytes, (error) => (error ? reject(error) : resolve()));
        }),
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      end: () => void socket.end(),
      destroy: () => void socket.destroy(),
    };
  }
}
