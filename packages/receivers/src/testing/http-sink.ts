import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Header names and values alternately, as received. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** A response that the test chooses. Default: status 200, type text/plain, body "ok". */
export interface SinkAnswer {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Starts a server on the loopback interface that records requests and sends the responses of the test. If the test
 * returns undefined, the server never responds.
 */
export async function httpSink(
  answer: SinkAnswer | ((request: ReceivedRequest) => SinkAnswer | undefined) = {},
): Promise<{ readonly url: string; readonly requests: ReceivedRequest[]; [Symbol.asyncDispose](): Promise<void> }> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => (body += part));
    request.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = request;
      const received = { method, url, headers, rawHeaders, body };
      requests.push(received);
      const given = typeof answer === "function" ? answer(received) : answer;
      if (given === undefined) return;
      response.writeHead(given.status ?? 200, { "content-type": given.type ?? "text/plain", ...given.headers });
      response.end(given.body ?? "ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
