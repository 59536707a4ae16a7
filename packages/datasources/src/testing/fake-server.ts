import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ManualClock } from "@narthex/runtime/testing";
import { QueryDesk } from "../cache/query-desk.ts";
import type { DataQuery, DataSourceSettings } from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";

/** A request that a data source has sent. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer: a status and a body. A body that is neither text nor bytes is written as JSON. */
export type FakeAnswer = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];

/** A server that gives the answers of a test and records the requests. */
export class FakeServer {
  readonly requests: ReceivedRequest[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Starts the server.
   * @param answer returns the answer to a request, or undefined to leave the request unanswered
   */
  static async open(answer: (request: ReceivedRequest) => FakeAnswer | undefined): Promise<FakeServer> {
    const listener: RequestListener = (request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const url = new URL(request.url!, "http://fake");
        const body = Buffer.concat(pieces).toString();
        const isForm = request.headers["content-type"] === "application/x-www-form-urlencoded";
        const parameters = new URLSearchParams([...url.searchParams, ...(isForm ? new URLSearchParams(body) : [])]);
        const received: ReceivedRequest = {
          method: request.method!,
          path: url.pathname,
          parameters: Object.fromEntries(parameters),
          headers: request.headers,
          body,
        };
        fake.requests.push(received);
        const given = answer(received);
        if (given === undefined) return;
        const [status, content, headers] = given;
        const isWritten = typeof content === "string" || content instanceof Uint8Array;
        response.writeHead(status, headers).end(isWritten ? content : JSON.stringify(content));
      });
    };
    const server = createServer(listener);
    const fake = new FakeServer(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export const settingsOf = (type: string, url: string, more: Partial<DataSourceSettings> = {}): DataSourceSettings => ({
  uid: "u1",
  name: "Source",
  type,
  url,
  user: "",
  database: "",
  basicAuth: false,
  basicAuthUser: "",
  withCredentials: false,
  jsonData: {},
  secureJsonData: {},
  ...more,
});

/** Returns an environment for data sources, with its own desk and a clock that always shows `now`. */
export function environmentAt(
  now: number,
  more: Partial<DataSourceEnvironment> = {},
): DataSourceEnvironment & { readonly clock: ManualClock } {
  const clock = new ManualClock(now);
  return { desk: new QueryDesk({ clock }), userAgent: "test", ...more, clock };
}

/** Returns a query with a target and a range in seconds. */
export const queryOf = (
  source: Readonly<Record<string, unknown>>,
  [from, to]: readonly [number, number] = [0, 60],
  refId = "A",
): DataQuery => ({
  refId,
  range: { from: from * 1000, to: to * 1000 },
  intervalMs: 15_000,
  maxDataPoints: 100,
  source,
});

/** Returns a signal that is never aborted. */
export const never = (): AbortSignal => new AbortController().signal;
