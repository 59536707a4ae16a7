import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Clock, Logger } from "@narthex/runtime";
import { NO_CERTIFICATE_SENT, refusal, unverified, verifiesCertificate } from "./client-auth.ts";
import type { ServerTerms } from "./server-terms.ts";

export interface TlsAcceptorOptions {
  /** Returns the current TLS settings. Returns the same object until a setting changes. */
  readonly terms: () => ServerTerms;
  /** Protocols that the server offers (by ALPN), in order of preference. Absent or empty to disable this. */
  readonly protocols?: readonly string[];
  /**
   * Maximum number of TLS handshakes in progress. Beyond it, the oldest handshake of the address with the most
   * handshakes is ended. Default: no limit.
   */
  readonly maxHandshakes?: number;
  /** Text that is sent to a client that speaks plain HTTP instead of TLS. */
  readonly plainAnswer?: string;
  readonly clock: Clock;
  /** Called for each accepted client. `verified` is the client's certificate, if it was verified. */
  readonly accept: (socket: TLSSocket, verified: X509Certificate | undefined) => void;
  /** Logs failed handshakes: as a warning if the certificate was the reason, otherwise at debug level. */
  readonly logger: Logger;
}

/** OpenSSL's code for a client that sends no certificate although one is required. */
const NO_CERTIFICATE = "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE";

/** OpenSSL's code for a client that sends plain HTTP instead of TLS. */
const PLAIN_HTTP = "ERR_SSL_HTTP_REQUEST";

const FAILED = "TLS handshake error";

/**
 * Performs the TLS handshake of accepted connections, each with the settings at the time when the connection arrives.
 */
export class TlsAcceptor {
  readonly #options: TlsAcceptorOptions;
  /** Connections whose handshake is not complete. */
  readonly #shaking = new Map<string, Socket>();
  #terms: ServerTerms | undefined;
  /**
   * TLS server that performs the handshakes; it does not listen itself. Replaced when settings change, so that its
   * session keys change too.
   */
  #server: Server | undefined;

  constructor(options: TlsAcceptorOptions) {
    this.#options = options;
  }

  get handshakes(): number {
    return this.#shaking.size;
  }

  /** Starts the TLS handshake of a connection. Calls accept() if the client is accepted. */
  take(connection: Socket): void {
    if (this.#shaking.size >= (this.#options.maxHandshakes ?? Infinity)) this.#makeRoom();
    const terms = this.#options.terms();
    if (terms !== this.#terms || this.#server === undefined) {
      this.#server = this.#serverOn(terms);
      this.#terms = terms;
    }
    // Disables half-open connections, which HTTP servers allow. Otherwise a client that disconnects before the
    // handshake would keep its connection open until the timeout.
    connection.allowHalfOpen = false;
    const ends = endsOf(connection);
    this.#shaking.set(ends, connection);
    connection.once("close", () => this.#shaking.get(ends) === connection && this.#shaking.delete(ends));
    this.#server.emit("connection", connection);
  }

  /**
   * Ends the oldest TLS handshake of the address with the most handshakes, so that silent clients cannot keep others
   * out.
   */
  #makeRoom(): void {
    const byAddress = Map.groupBy(this.#shaking, ([, { remoteAddress = "" }]) => remoteAddress);
    const most = [...byAddress.values()].reduce((a, b) => (b.length > a.length ? b : a));
    const [ends, oldest] = most[0]!;
    this.#shaking.delete(ends);
    this.#options.logger.debug(FAILED, { remote: remoteOf(oldest), err: "too many handshakes under way" });
    oldest.destroy();
  }

  close(): void {
    for (const connection of this.#shaking.values()) connection.destroy();
  }

  #serverOn(terms: ServerTerms): Server {
    const { protocols } = this.#options;
    const options = protocols === undefined ? terms.options : { ...terms.options, ALPNProtocols: [...protocols] };
    const server = createServer(options, (socket) => this.#meet(socket, terms));
    server.on("tlsClientError", (error, socket) => {
      // Reads the reason why the client's certificate could not be verified from the socket's field
      // `authorizationError` and from the error's code, because Node itself has ended the connection.
      const fault = socket.authorizationError as Error | null | undefined;
      const isMissing = (error as { code?: string }).code === NO_CERTIFICATE;
      if (fault) this.#refuse(socket, unverified(fault));
      else if (isMissing) this.#refuse(socket, NO_CERTIFICATE_SENT);
      else this.#options.logger.debug(FAILED, { remote: remoteOf(socket), err: error });
      const isPlain = (error as { code?: string }).code === PLAIN_HTTP;
      const connection = isPlain ? this.#shaking.get(endsOf(socket)) : undefined;
      if (connection === undefined || this.#options.plainAnswer === undefined) socket.destroy();
      else connection.end(this.#options.plainAnswer, () => socket.destroy());
    });
    return server;
  }

  /** Accepts or refuses a client after the handshake. */
  #meet(socket: TLSSocket, terms: ServerTerms): void {
    this.#shaking.delete(endsOf(socket));
    const { authorized, authorizationError } = socket;
    const handshake = {
      authorized,
      authorizationError,
      isResumed: socket.isSessionReused(),
      certificate: socket.getPeerX509Certificate(),
    };
    const reason = refusal(handshake, terms, this.#options.clock.now());
    if (reason === undefined) {
      const isVerified = authorized && verifiesCertificate(terms.clientAuth);
      this.#options.accept(socket, isVerified ? handshake.certificate : undefined);
      return;
    }
    this.#refuse(socket, reason);
    socket.on("error", () => undefined).destroy();
  }

  #refuse(socket: Socket, reason: string): void {
    const remote = remoteOf(socket);
    this.#options.logger.warn(FAILED, { ...(remote === "" ? {} : { remote }), err: reason });
  }
}

/** Returns the address of a client as `host:port`, or "" if the connection has already ended. */
const remoteOf = ({ remoteAddress = "", remotePort = 0 }: Socket): string =>
  remoteAddress === ""
    ? ""
    : remoteAddress.includes(":")
      ? `[${remoteAddress}]:${remotePort}`
      : `${remoteAddress}:${remotePort}`;

/** Returns a text that distinguishes a connection from all other open connections. */
const endsOf = (socket: Socket): string => `${remoteOf(socket)} ${socket.localAddress} ${socket.localPort}`;
