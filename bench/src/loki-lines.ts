import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that answers Loki's queries with the same lines, or that never answers. */
export interface LokiLines extends AsyncDisposable {
  readonly url: string;
}

const STREAMS = 10;
const NANOSECONDS_OF_MS = "000000";

/** Returns the answer of a log query with lines of different lengths, the newest first. */
function answer(lines: number, until: number): string {
  const result = Array.from({ length: STREAMS }, (_, stream) => ({
    stream: { app: `app-${stream}`, level: stream % 4 === 0 ? "error" : "info", pod: `pod-${stream * 7919}` },
    values: Array.from({ length: lines / STREAMS }, (__, line) => [
      `${until - 20 * line - stream}${NANOSECONDS_OF_MS}`,
      `GET /orders/${line} status=${200 + (line % 5)} duration=${line % 97}ms ${"detail ".repeat(line % 12)}`,
    ]),
  }));
  return JSON.stringify({ status: "success", data: { resultType: "streams", result, stats: {} } });
}

/**
 * Starts the server on a free port.
 * @param lines number of lines of each answer; undefined if the server never answers
 * @param until time of the newest line, epoch ms
 */
export async function startLokiLines(lines: number | undefined, until = 0): Promise<LokiLines> {
  const body = lines === undefined ? "" : answer(lines, until);
  const server = createServer((_, response) => {
    if (lines !== undefined) response.setHeader("content-type", "application/json").end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
