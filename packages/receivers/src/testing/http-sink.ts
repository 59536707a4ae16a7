import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface SunkRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An endpoint on loopback that keeps what it is sent and answers as told. */
export async function httpSink(
  answer: { readonly status?: number; readonly type?: string; readonly body?: string } = {},
): Promise<{ readonly url: string; readonly requests: SunkRequest[]; [Symbol.asyncDispose](): Promise<void> }> {
  const requests: SunkRequest[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => (body += part));
    request.on("end", () => {
      requests.push({ url: request.url ?? "", headers: request.headers, body });
      response.writeHead(answer.status ?? 200, { "content-type": answer.type ?? "text/plain" });
      response.end(answer.body ?? "ok");
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
