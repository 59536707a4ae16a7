import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Clock, Logger } from "@narthex/runtime";
import { NO_CERTIFICATE_SENT, refusal, unverified, verifiesCertificate } from "./client-auth.ts";
import type { ServerTerms } from "./server-terms.ts";

export interface TlsAcceptorOptions {
  /** The terms in force; the same object as long as nothing changed. */
  readonly terms: () => ServerTerms;
  /** Protocols for ALPN, the preferred one first; none = no ALPN. */
  readonly protocols?: readonly string[];
  /**
   * Most handshakes under way. For a further connection the oldest handshake of the address with the most of them ends.
   * Default no limit.
   */
  readonly maxHandshakes?: number;
  /** What a client is sent that speaks HTTP in the clear. */
  readonly plainAnswer?: string;
  readonly clock: Clock;
  /** A client that may come in, with its certificate if that was verified. */
  readonly accept: (socket: TLSSocket, verified: X509Certificate | undefined) => void;
  /** Is told of handshakes that fail: as a warning if it was for the certificate, else for debugging. */
  readonly logger: Logger;
}

/** OpenSSL's code for a client that sends none if one is required. */
const NO_CERTIFICATE = "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE";

/** OpenSSL's code for a client that speaks HTTP where TLS is due. */
const PLAIN_HTTP = "ERR_SSL_HTTP_REQUEST";

const FAILED = "TLS handshake error";

/** Shakes hands on connections that a server took, each on the terms that hold when it arrives. */
export class TlsAcceptor {
  readonly #options: TlsAcceptorOptions;
  /** Connections that have not shaken hands yet. */
  readonly #shaking = new Map<string, Socket>();
  #terms: ServerTerms | undefined;
  /** Never listens: connections are handed to it. Other terms get another one, and with it other session keys. */
  #server: Server | undefined;

  constructor(options: TlsAcceptorOptions) {
    this.#options = options;
  }

  /** Handshakes under way. */
  get handshakes(): number {
    return this.#shaking.size;
  }

  /** Takes a connection over; accept() is called where the client may come in. */
  take(connection: Socket): void {
    if (this.#shaking.size >= (this.#options.maxHandshakes ?? Infinity)) this.#makeRoom();
    const terms = this.#options.terms();
    if (terms !== this.#terms || this.#server === undefined) {
      this.#server = this.#serverOn(terms);
      this.#terms = terms;
    }
    // HTTP's servers leave their side open: who goes away before the handshake would keep it until that is given up.
    connection.allowHalfOpen = false;
    const ends = endsOf(connection);
    this.#shaking.set(ends, connection);
    connection.once("close", () => this.#shaking.get(ends) === connection && this.#shaking.delete(ends));
    this.#server.emit("connection", connection);
  }

  /** Clients that say nothing must not keep others out. */
  #makeRoom(): void {
    const byAddress = Map.groupBy(this.#shaking, ([, { remoteAddress = "" }]) => remoteAddress);
    const most = [...byAddress.values()].reduce((a, b) => (b.length > a.length ? b : a));
    const [ends, oldest] = most[0]!;
    this.#shaking.delete(ends);
    this.#options.logger.debug(FAILED, { remote: remoteOf(oldest), err: "too many handshakes under way" });
    oldest.destroy();
  }

  /** Ends the handshakes that are under way. */
  close(): void {
    for (const connection of this.#shaking.values()) connection.destroy();
  }

  #serverOn(terms: ServerTerms): Server {
    const { protocols } = this.#options;
    const options = protocols === undefined ? terms.options : { ...terms.options, ALPNProtocols: [...protocols] };
    const server = createServer(options, (socket) => this.#meet(socket, terms));
    server.on("tlsClientError", (error, socket) => {
      // Node has ended who must have a verified certificate and has another one: what is left tells why.
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

  /** Lets a client in that has shaken hands, or not. */
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

/** `host:port`; "" where the connection had ended before it was asked. */
const remoteOf = ({ remoteAddress = "", remotePort = 0 }: Socket): string =>
  remoteAddress === ""
    ? ""
    : remoteAddress.includes(":")
      ? `[${remoteAddress}]:${remotePort}`
      : `${remoteAddress}:${remotePort}`;

/** Tells a connection from every other one that is open. */
const endsOf = (socket: Socket): string => `${remoteOf(socket)} ${socket.localAddress} ${socket.localPort}`;
