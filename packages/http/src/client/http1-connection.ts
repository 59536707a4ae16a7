import type { Socket } from "node:net";
import { connectionEndpoints, ProxyConnectError } from "./tunnel.ts";
import { type ResponseHead, Http1Error } from "./http1-head.ts";
import { type BodySink, Http1Reader } from "./http1-reader.ts";

/** Function that opens a connection. The function must pass `onread` to node:net or node:tls. */
export type OpenSocket = (onread: { readonly buffer: Buffer; callback(length: number): boolean }) => Socket;

/** Conditions for a new connection to be ready: an event of the socket, and a check of the peer. */
export interface Readiness {
  readonly event: "connect" | "secureConnect";
  /** Checks the peer before any data is sent. Returns the problem; undefined if the peer is accepted. */
  readonly verify: (socket: Socket) => Error | undefined;
  /** Whether the peer is a proxy. Error messages then mention the proxy. */
  readonly toProxy: boolean;
}

/**
 * Buffer that receives the bytes of all connections. One buffer is enough, because this thread processes each read
 * before the next one. Garbage collection of separate buffers would cost more than all other work of a scrape.
 */
const arrivals = Buffer.allocUnsafeSlow(256 * 1024);

/** Error that the server has chosen HTTP/2 for this connection. */
export class Http2Negotiated extends Error {
  override readonly name = "Http2Chosen";
}

interface Waiting {
  readonly resolve: (head: ResponseHead) => void;
  readonly reject: (error: Error) => void;
}

/**
 * An HTTP/1.1 connection that sends one request at a time. The connection stays open as long as client and server allow
 * it.
 */
export class Http1Connection {
  /** Time in ms since which the connection is idle. */
  idleSince = 0;
  /** Number of answers that this connection has received. */
  served = 0;
  readonly #socket: Socket;
  readonly #reader = new Http1Reader();
  readonly #readiness: Readiness;
  readonly #onGone: () => void;
  #ready = false;
  #gone = false;
  #hasReceived = false;
  #paused = false;
  #request = "";
  /** Local and remote address for error messages; "" before the connection is established. */
  #ends = "";
  #waiting: Waiting | undefined;

  /** @param onGone callback when the connection cannot be used any more; called once */
  constructor(open: OpenSocket, readiness: Readiness, onGone: () => void) {
    this.#readiness = readiness;
    this.#onGone = onGone;
    this.#socket = open({ buffer: arrivals, callback: (length) => this.#take(length) });
    this.#socket.setNoDelay(true);
    // Records the addresses when the connection is established, before the TLS handshake. This listener must be the
    // first, because node:tls sends its hello in a later listener. If the peer then resets the connection immediately,
    // its address can no longer be read.
    this.#socket.prependListener("connect", () => (this.#ends = connectionEndpoints(this.#socket)));
    this.#socket.on(readiness.event, () => this.#begin());
    this.#socket.on("error", (error) => this.close(this.#inGoWords(error)));
    this.#socket.on("end", () => this.#end());
    this.#socket.on("close", () => this.close(new Http1Error("EOF")));
  }

  /** True if the connection can send the next request. */
  get usable(): boolean {
    return !this.#gone;
  }

  /**
   * Whether the connection has received an earlier answer, but no byte of the current answer. A request that fails in
   * this state may be repeated.
   */
  get lostIdle(): boolean {
    return this.served > 0 && !this.#hasReceived;
  }

  /** Sends a request's bytes and passes the body of the answer to `sink`. The promise resolves after the last byte. */
  send(request: string, sink: BodySink): Promise<ResponseHead> {
    this.#request = request;
    this.#hasReceived = false;
    this.#reader.begin(sink);
    if (this.#ready) this.#socket.write(request, "latin1");
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#gone) this.#fail(new Http1Error("EOF"));
    });
  }

  /** Stops reading the current answer until resume(). */
  pause(): void {
    if (this.#waiting === undefined) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Closes the connection immediately. A running request fails with `reason`. */
  close(reason: Error): void {
    if (!this.#gone) {
      this.#gone = true;
      this.#socket.destroy();
      this.#onGone();
    }
    this.#fail(reason);
  }

  #begin(): void {
    const problem = this.#readiness.verify(this.#socket);
    if (problem !== undefined) {
      this.close(this.#readiness.toProxy ? new ProxyConnectError(problem) : problem);
      return;
    }
    if ((this.#socket as { alpnProtocol?: string | false | null }).alpnProtocol === "h2") {
      this.close(new Http2Negotiated());
      return;
    }
    this.#ready = true;
    this.#ends ||= connectionEndpoints(this.#socket);
    if (this.#waiting !== undefined) this.#socket.write(this.#request, "latin1");
  }

  #take(length: number): boolean {
    if (this.#gone) return false;
    if (this.#waiting === undefined) {
      this.close(new Http1Error("unsolicited response received on idle HTTP channel"));
      return false;
    }
    this.#hasReceived = true;
    try {
      if (this.#reader.take(arrivals, length)) this.#finish();
    } catch (error) {
      this.close(this.#said(error as Error));
    }
    return true;
  }

  #end(): void {
    try {
      if (this.#waiting !== undefined) {
        this.#reader.end();
        this.#finish();
      }
      this.close(new Http1Error("EOF"));
    } catch (error) {
      this.close(this.#said(error as Error));
    }
  }

  #finish(): void {
    const waiting = this.#waiting!;
    const head = this.#reader.head!;
    this.#waiting = undefined;
    this.served++;
    // Continues to read an idle connection, because otherwise the client would not notice that the peer closes it.
    this.resume();
    if (!head.keepAlive || this.#reader.surplus) this.close(new Http1Error("EOF"));
    waiting.resolve(head);
  }

  /**
   * Converts a connection error to the text of Go's HTTP client. Adds the addresses if the connection was established.
   */
  #inGoWords(error: Error): Error {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (!this.#ready && this.#readiness.toProxy) return new ProxyConnectError(error);
    if (this.#ends === "") return error;
    // Reports an error without a system call as EOF, because it means that the peer ended the TLS handshake.
    if (code === "ECONNRESET" && syscall === undefined) return new Http1Error("EOF");
    if (code === "ECONNRESET") return new Http1Error(`read tcp ${this.#ends}: read: connection reset by peer`);
    return code === "EPIPE" ? new Http1Error(`write tcp ${this.#ends}: write: broken pipe`) : error;
  }

  /** Converts an error before the end of the answer's head to Go's message. */
  #said(error: Error): Error {
    if (this.#reader.head !== undefined || error.message === "EOF") return error;
    return new Http1Error(`net/http: HTTP/1.x transport connection broken: ${error.message}`);
  }

  #fail(reason: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(reason);
  }
}
