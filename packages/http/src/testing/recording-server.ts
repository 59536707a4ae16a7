import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface RecordedRequest {
  /** The requested host without its port. */
  readonly host: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Head and body of the request as one text. Tests search this text for secrets. */
  readonly text: string;
}

/** An answer of the recording server. Default: status 200 with an empty JSON object. */
export interface RecordedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RecordingServer extends AsyncDisposable {
  readonly port: number;
  readonly requests: RecordedRequest[];
  /** Address that the test requests first. */
  readonly home: string;
  /** Address with another host name for the same server. */
  readonly foreign: string;
}

/** Starts a server that records all requests. The server has two addresses, which clients treat as two hosts. */
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
