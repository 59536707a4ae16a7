import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface RecordedRequest {
  /** The requested host without its port. */
  readonly host: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The request's head and body as one text, in which tests search for secrets. */
  readonly text: string;
}

/** An answer; the default is 200 with an empty JSON object. */
export interface RecordedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RecordingServer extends AsyncDisposable {
  readonly port: number;
  readonly requests: RecordedRequest[];
  /** Address of the host to which a test sends requests. */
  readonly home: string;
  /** Address of another host name that leads to the same server. */
  readonly foreign: string;
}

/**
 * Starts a server that is reachable by two addresses. For clients these are two hosts. The server records all requests.
 */
export async function recordingServer(
  answer: (request: RecordedRequest, server: RecordingServer) => RecordedAnswer = () => ({}),
): Promise<RecordingServer> {
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = request;
      const body = Buffer.concat(parts).toString("latin1");
      const host = headers.host?.replace(/:\d+$/, "") ?? "";
      const recorded = { host, method, url, headers, text: [method, url, ...rawHeaders, body].join("\n") };
      requests.push(recorded);
      const { status = 200, headers: fields = {}, body: text = "{}" } = answer(recorded, recording);
      response.writeHead(status, { "content-type": "application/json", ...fields }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as AddressInfo;
  const recording: RecordingServer = {
    port,
    requests,
    home: `127.0.0.1:${port}`,
    foreign: `127.0.0.2:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return recording;
}
