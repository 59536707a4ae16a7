import { request, type ServerResponse } from "node:http";
import { compress } from "snappyjs";
import type { Door } from "./door.ts";
import type { InflatedInput } from "./inflate.ts";

/**
 * Time limit in ms for the server's answer. A parser with linear time needs less than a second; a parser with quadratic
 * time needs minutes.
 */
const WATCHDOG_MS = 30_000;
const AGENT = "Mozilla/5.0 (pumping suite)";

/** The server's answer to a hostile input: an HTTP status, or the reason why there is no answer. */
export type Outcome = { readonly status: number } | { readonly problem: string };

interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Sends a hostile input to an entry point of a server. */
export function sendInput(port: number, { entry }: Door, { text }: InflatedInput): Promise<Outcome> {
  switch (entry.kind) {
    case "parameter": {
      const rest = entry.rest === undefined || entry.rest === "" ? "" : `&${entry.rest}`;
      return sendRequest(port, {
        method: "GET",
        path: `${entry.path}?${entry.name}=${encodeURIComponent(text)}${rest}`,
      });
    }
    case "path":
      return sendRequest(port, { method: entry.method, path: entry.path + inPath(text) + (entry.rest ?? "") });
    case "header":
      return sendRequest(port, {
        method: entry.body === undefined ? "GET" : "POST",
        path: entry.path,
        headers: { [entry.name]: inHeader(text) },
        ...(entry.body !== undefined && { body: Buffer.from(entry.body) }),
      });
    case "body":
      return sendRequest(port, { ...entry, headers: { "content-type": entry.type }, body: bytesOf(text, entry.type) });
    case "snappy":
      return sendRequest(port, {
        method: "POST",
        path: entry.path,
        headers: {
          "content-type": entry.type,
          "content-encoding": "snappy",
          "x-prometheus-remote-write-version": entry.type.includes("v2") ? "2.0.0" : "0.1.0",
        },
        body: Buffer.from(compress(Buffer.from(text, "latin1"))),
      });
    default:
      throw new Error(`no request enters by ${entry.kind}`);
  }
}

/** Sends a request on a new connection. */
export function sendRequest(port: number, { method, path, headers = {}, body }: SentRequest): Promise<Outcome> {
  return new Promise((resolve) => {
    const all = {
      ...headers,
      "user-agent": AGENT,
      connection: "close",
      ...(body && { "content-length": body.length }),
    };
    const signal = AbortSignal.timeout(WATCHDOG_MS);
    const sent = request({ host: "127.0.0.1", port, method, path, headers: all, signal }, (response) => {
      response.resume();
      response.once("close", () => resolve({ status: response.statusCode ?? 0 }));
      response.once("error", () => resolve({ problem: "the answer broke off" }));
    });
    // Accepts a connection error, because a server that refuses a body may close the connection while the body is being
    // sent.
    sent.once("error", (error) =>
      resolve(signal.aborted ? { problem: `no answer within ${WATCHDOG_MS / 1000} s` } : { problem: error.message }),
    );
    sent.end(body);
  });
}

/** Reports whether the server did not answer in time. A closed connection is not a hang. */
export const isHang = (outcome: Outcome): boolean => "problem" in outcome && outcome.problem.startsWith("no answer");

/** Percent-encodes all characters that the request line of HTTP cannot contain. */
const inPath = (text: string): string =>
  text.replaceAll(/[^\w/@=.%~-]/g, (character) => encodeURIComponent(character.isWellFormed() ? character : "?"));
const inHeader = (text: string): string => text.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, "~");
const bytesOf = (text: string, type: string): Buffer =>
  Buffer.from(text, type.includes("protobuf") ? "latin1" : "utf8");

/** Sends a hostile input as the response to a request of the attacked server. */
export function serveInput({ entry }: Door, { text }: InflatedInput, response: ServerResponse): void {
  if (entry.kind === "target list") {
    response.writeHead(200, { "content-type": "application/json" }).end(text);
    return;
  }
  const isPage = entry.kind === "page";
  const type = isPage ? entry.type : entry.kind === "content type" ? inHeader(text) : "text/plain; version=0.0.4";
  response.writeHead(200, { "content-type": type }).end(isPage ? bytesOf(text, entry.type) : "up_again 1\n");
}
