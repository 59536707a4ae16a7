import type { Socket } from "node:net";
import { connectionEndpoints, ProxyConnectError } from "./tunnel.ts";
import { type ResponseHead, Http1Error } from "./http1-head.ts";
import { type BodySink, Http1Reader } from "./http1-reader.ts";

/** How a connection is opened: `onread` must be passed on to node:net or node:tls. */
export type OpenSocket = (onread: { readonly buffer: Buffer; callback(length: number): boolean }) => Socket;

/** When a connection may be used. */
export interface Readiness {
  readonly event: "connect" | "secureConnect";
  /** Says what is wrong with the other side, before anything is sent. */
  readonly verify: (socket: Socket) => Error | undefined;
  /** Is the other side a proxy? Then its failures are told as such. */
  readonly toProxy: boolean;
}

/**
 * Where every connection's bytes arrive: what comes is taken before the system is asked for more, and on one thread only
 * one read is under way. Without it each read would allocate, and the garbage outweigh all else a scrape costs.
 */
const arrivals = Buffer.allocUnsafeSlow(256 * 1024);

/** The other side speaks HTTP/2 on this connection. */
export class Http2Negotiated extends Error {
  override readonly name = "Http2Chosen";
}

interface Waiting {
  readonly resolve: (head: ResponseHead) => void;
  readonly reject: (error: Error) => void;
}

/** One HTTP/1.1 connection: one request at a time, kept as long as both sides agree. */
export class Http1Connection {
  /** The clock's ms when it was last laid aside. */
  idleSince = 0;
  /** Answers it has brought. */
  served = 0;
  readonly #socket: Socket;
  readonly #reader = new Http1Reader();
  readonly #readiness: Readiness;
  readonly #onGone: () => void;
  #ready = false;
  #gone = false;
  /** Has anything come since the last request? */
  #heard = false;
  #paused = false;
  #request = "";
  /** Both ends, once connected. */
  #ends = "";
  #waiting: Waiting | undefined;

  /** @param onGone called once when it is of no more use */
  constructor(open: OpenSocket, readiness: Readiness, onGone: () => void) {
    this.#readiness = readiness;
    this.#onGone = onGone;
    this.#socket = open({ buffer: arrivals, callback: (length) => this.#take(length) });
    this.#socket.setNoDelay(true);
    // A TLS connection stands before it is ready. First of the listeners: node:tls sends its hello in one of them, and
    // a peer that resets at once takes its address with it.
    this.#socket.prependListener("connect", () => (this.#ends = connectionEndpoints(this.#socket)));
    this.#socket.on(readiness.event, () => this.#begin());
    this.#socket.on("error", (error) => this.close(this.#inGoWords(error)));
    this.#socket.on("end", () => this.#end());
    this.#socket.on("close", () => this.close(new Http1Error("EOF")));
  }

  /** Is the next request welcome? */
  get usable(): boolean {
    return !this.#gone;
  }

  /** Did an earlier answer's connection end under this request before anything came back? Then it may be made again. */
  get lostIdle(): boolean {
    return this.served > 0 && !this.#heard;
  }

  /** Sends a request's bytes and passes the answer's body on; the promise is kept when the last byte has come. */
  send(request: string, sink: BodySink): Promise<ResponseHead> {
    this.#request = request;
    this.#heard = false;
    this.#reader.begin(sink);
    if (this.#ready) this.#socket.write(request, "latin1");
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#gone) this.#fail(new Http1Error("EOF"));
    });
  }

  /** Reads nothing more of the answer under way until it is resumed. */
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

  /** Ends it at once; a request under way fails with the reason. */
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
    this.#heard = true;
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
    // Whether an idle connection has ended is heard by reading.
    this.resume();
    if (!head.keepAlive || this.#reader.surplus) this.close(new Http1Error("EOF"));
    waiting.resolve(head);
  }

  /** Of a connection that stood, Go says which one it was. */
  #inGoWords(error: Error): Error {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (!this.#ready && this.#readiness.toProxy) return new ProxyConnectError(error);
    if (this.#ends === "") return error;
    // Without a call of the system it is Node that says so of a handshake the other side ended.
    if (code === "ECONNRESET" && syscall === undefined) return new Http1Error("EOF");
    if (code === "ECONNRESET") return new Http1Error(`read tcp ${this.#ends}: read: connection reset by peer`);
    return code === "EPIPE" ? new Http1Error(`write tcp ${this.#ends}: write: broken pipe`) : error;
  }

  /** An error within the head, as Go puts it. */
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
