import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import type { Pair } from "../../support/certificates.ts";

/** One received request. */
export interface SeenRequest {
  readonly method: string;
  /** Scheme and host (`https://host`) of a request that uses the fake service as a proxy; otherwise an empty string. */
  readonly origin: string;
  /** Path and query of the request. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An HTTP response of the fake service. The default is 200, text/plain, "ok". */
export interface ServiceAnswer {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
}

/**
 * An HTTP service on the loopback interface that records its requests. For receivers with a fixed public address, it is
 * also a proxy that terminates TLS.
 */
export class FakeService implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  readonly #answer: (request: SeenRequest) => ServiceAnswer;
  readonly #tunnels = new Set<Socket>();

  private constructor(answer: (request: SeenRequest) => ServiceAnswer, { cert, key }: Pair) {
    this.#answer = answer;
    this.#server = createServer((request, response) => void this.#onRequest("", request, response));
    const tls = createTlsServer(
      { cert, key },
      (request, response) => void this.#onRequest(`https://${request.headers.host}`, request, response),
    );
    this.#server.on("connect", (_request, socket: Socket) => {
      this.#tunnels.add(socket);
      socket.on("error", () => undefined).on("close", () => this.#tunnels.delete(socket));
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      tls.emit("connection", socket);
    });
  }

  static async start(answer: (request: SeenRequest) => ServiceAnswer, pair: Pair): Promise<FakeService> {
    const fake = new FakeService(answer, pair);
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#tunnels) socket.destroy();
    this.#server.closeAllConnections();
    await closed;
  }

  async #onRequest(origin: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Ignores a request whose body does not arrive completely. On a busy machine, a client may time out while it sends
    // the request; it then retries.
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const seen: SeenRequest = {
      method: request.method!,
      origin,
      path: request.url!,
      headers,
      body,
    };
    this.requests.push(seen);
    const answer = this.#answer(seen);
    response.writeHead(answer.status ?? 200, { "content-type": answer.type ?? "text/plain" }).end(answer.body ?? "ok");
  }
}
