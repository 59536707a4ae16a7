import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  type AddressInfo,
  createServer as createSocketServer,
  type Server as SocketServer,
  type Socket,
} from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import type { ServedAnswer, ServedPlace, ServedRequest } from "./served-kind.ts";

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}.pem`, import.meta.url), "utf8");

/**
 * The certificate of the proxy and its key. It protects nothing, and is trusted only by programs whose environment names
 * it. The certificate is valid for the hosts that such programs request.
 */
const CERTIFICATE = { cert: fixture("proxy-cert"), key: fixture("proxy-key") };
const CERTIFICATE_FILE = fileURLToPath(new URL("./fixtures/proxy-cert.pem", import.meta.url));

/** First byte of a connection with TLS: the type of a handshake record. */
const TLS_HANDSHAKE = 0x16;

/**
 * A server on loopback that answers as the API of a cloud, directly or as the HTTPS proxy of a client. The same port
 * accepts HTTP and HTTPS.
 */
export class ServedApi implements AsyncDisposable {
  readonly requests: ServedRequest[] = [];
  /** Answers the requests. Tests replace it to let the service fail or change. */
  answer: (request: ServedRequest) => ServedAnswer;
  readonly #server: Server;
  readonly #listener: SocketServer;
  readonly #sockets = new Set<Socket>();

  private constructor(answer: (request: ServedRequest) => ServedAnswer) {
    this.answer = answer;
    this.#server = createServer((request, response) => void this.#onRequest(request, response));
    this.#server.on("connect", (_, socket) => this.#onConnect(socket as Socket));
    this.#listener = createSocketServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => socket.destroy());
      socket.once("data", (chunk) => this.#onFirstBytes(socket, chunk));
    });
  }

  static async start(answer: (request: ServedRequest) => ServedAnswer): Promise<ServedApi> {
    const api = new ServedApi(answer);
    await new Promise<void>((resolve) => api.#listener.listen(0, "127.0.0.1", resolve));
    return api;
  }

  /** Returns the texts with which sections of the configuration reach this API. */
  place(folder: string): ServedPlace {
    const url = `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
    return {
      url,
      folder,
      certificate: CERTIFICATE_FILE,
      viaProxy: `proxy_url: ${url}\ntls_config: {insecure_skip_verify: true}`,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #onFirstBytes(socket: Socket, chunk: Buffer): void {
    socket.pause();
    socket.unshift(chunk);
    if (chunk[0] === TLS_HANDSHAKE) return this.#secure(socket);
    this.#server.emit("connection", socket);
    socket.resume();
  }

  /** Accepts a tunnel to any host, and answers the requests in the tunnel. */
  #onConnect(socket: Socket): void {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    this.#secure(socket);
  }

  /** Answers the requests of a connection with TLS. The certificate is signed by no authority. */
  #secure(socket: Socket): void {
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext: createSecureContext(CERTIFICATE),
      ALPNProtocols: ["http/1.1"],
    });
    secured.on("error", () => socket.destroy());
    this.#server.emit("connection", secured);
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const host = (request.headers.host ?? "").replace(/:\d+$/, "");
    const { pathname, searchParams } = new URL(request.url ?? "/", `http://${host}`);
    const served: ServedRequest = {
      method: request.method ?? "",
      host,
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.requests.push(served);
    const { status = 200, headers = {}, body = "" } = this.answer(served);
    const isText = typeof body === "string";
    const type = isText ? {} : { "content-type": "application/json" };
    response.writeHead(status, { ...type, ...headers }).end(isText ? body : JSON.stringify(body));
  }
}
