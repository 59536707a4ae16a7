import { connect, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import type { DialCounts } from "./dial-counts.ts";
import { Http1Error, parseHead } from "./http1-head.ts";
import type { Proxy } from "./proxies.ts";

/** Error that the proxy itself cannot be reached. */
export class ProxyConnectError extends Error {
  override readonly name = "ProxyConnectError";

  constructor(cause: unknown) {
    super("proxyconnect tcp", { cause });
  }
}

export interface TunnelOptions {
  readonly proxy: Proxy;
  /** Host and port of the destination behind the proxy. */
  readonly authority: string;
  /** Additional header lines of the CONNECT request, each with CR LF. */
  readonly fields: string;
  /** Returns the TLS options for a proxy that is reached over TLS. */
  readonly tls: () => ConnectionOptions;
  /** Checks the proxy's certificate. Returns the problem; undefined if the certificate is valid. */
  readonly verify: (socket: TLSSocket, name: string) => Error | undefined;
  readonly signal: AbortSignal;
  /** Counter of opened connections to the proxy. */
  readonly dials?: DialCounts | undefined;
}

/** Largest size in bytes of a proxy's answer to CONNECT. Such an answer usually has a few lines. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Opens a connection through an HTTP proxy with CONNECT. Rejects with Go's error, or with the signal's reason if the
 * signal aborts.
 */
export function openTunnel(options: TunnelOptions): Promise<Socket> {
  const { proxy, authority, fields, signal } = options;
  return new Promise((resolve, reject) => {
    /** Local and remote address for error messages; "" before the proxy is connected. */
    let ends = "";
    let answer = "";
    const socket = reachProxy(options);
    options.dials?.watch(socket);
    const fail = (error: Error): void => {
      signal.removeEventListener("abort", abort);
      socket.on("error", () => undefined).destroy();
      reject(error);
    };
    const abort = (): void => fail(signal.reason as Error);
    const ready = (): void => {
      const problem = proxy.secure ? options.verify(socket as TLSSocket, proxy.host) : undefined;
      if (problem !== undefined) return fail(new ProxyConnectError(problem));
      ends = connectionEndpoints(socket);
      const password = proxy.authorization === "" ? "" : `Proxy-Authorization: ${proxy.authorization}\r\n`;
      socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${password}${fields}\r\n`, "latin1");
    };
    const take = (data: Buffer): void => {
      answer += data.toString("latin1");
      const end = /\r?\n\r?\n/.exec(answer);
      if (end === null) {
        if (answer.length > MAX_ANSWER_BYTES) fail(new Http1Error("proxy answered with too long a head"));
        return;
      }
      const problem = refusal(answer.slice(0, end.index));
      if (problem !== undefined) return fail(problem);
      socket.pause();
      socket.off("data", take).off("error", broken).off("end", ended);
      signal.removeEventListener("abort", abort);
      resolve(socket);
    };
    socket.once(proxy.secure ? "secureConnect" : "connect", ready);
    socket.on("data", take);
    const broken = (error: Error): void => fail(ends === "" ? new ProxyConnectError(error) : goError(error, ends));
    const ended = (): void =>
      fail(ends === "" ? new ProxyConnectError(new Http1Error("EOF")) : new Http1Error("unexpected EOF"));
    socket.on("error", broken).on("end", ended);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
  });
}

function reachProxy({ proxy: { secure, host, port }, tls }: TunnelOptions): Socket {
  if (!secure) return connect({ host, port });
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ ...servername, ...tls(), host, port, ALPNProtocols: ["http/1.1"] });
}

function refusal(head: string): Error | undefined {
  try {
    const { status, statusText } = parseHead(head);
    return status === 200 ? undefined : new Http1Error(statusText.slice(4) || "unknown status code");
  } catch (error) {
    return error as Error;
  }
}

function goError(error: NodeJS.ErrnoException, ends: string): Error {
  if (error.code !== "ECONNRESET") return error;
  return new Http1Error(`read tcp ${ends}: read: connection reset by peer`);
}

/**
 * Returns the local and remote address of a connection in Go's format; "" before it is connected. Must be called while
 * the connection is open.
 */
export function connectionEndpoints({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  if (remotePort === undefined) return "";
  return `${hostPort(localAddress ?? "", localPort ?? 0)}->${hostPort(remoteAddress ?? "", remotePort)}`;
}

const hostPort = (host: string, port: number): string => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
