import { promisify } from "node:util";
import { STATUS_CODES } from "node:http";
import { gunzip } from "node:zlib";
import type { ScrapeConfig } from "@narthex/config";
import { acceptHeader } from "@narthex/exposition";
import { describeFailure, type HttpClient } from "@narthex/http";
import { type Clock, reasonOf } from "@narthex/runtime";
import type { Target } from "./target.ts";

/** What a target answered. */
export interface ScrapedBody {
  /** Uncompressed. */
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}

/** A scrape that brought no body; the message is what the target's page shows. */
export class ScrapeError extends Error {
  override readonly name = "ScrapeError";
}

/** The body is as long as the limit or longer. */
export class BodySizeError extends ScrapeError {
  constructor() {
    super("body size limit exceeded");
  }
}

/** Gets a target's exposition. Throws ScrapeError. */
export type Fetch = (target: Target, signal: AbortSignal) => Promise<ScrapedBody>;

const unzip = promisify(gunzip);

/** A job's way of asking its targets, over its HTTP client. The timeout covers everything up to the body's last byte. */
export function createFetch(job: ScrapeConfig, client: HttpClient, clock: Clock, userAgent: string): Fetch {
  const accept = acceptHeader(job.scrapeProtocols, job.metricNameEscapingScheme);
  return async (target, stopping) => {
    const request = new AbortController();
    const { signal } = request;
    const cancel = clock.after(target.timeoutMs, () =>
      request.abort(new DOMException("context deadline exceeded", "TimeoutError")),
    );
    const onStop = (): void => request.abort(stopping.reason);
    stopping.addEventListener("abort", onStop, { once: true });
    try {
      stopping.throwIfAborted();
      const headers = {
        accept,
        "accept-encoding": job.enableCompression ? "gzip" : "identity",
        "user-agent": userAgent,
        "x-prometheus-scrape-timeout-seconds": String(target.timeoutMs / 1000),
      };
      const ask = (): ReturnType<HttpClient["request"]> => client.request(target.url, { headers, signal });
      const response = await ask()
        .catch((error: unknown) => {
          if (!signal.aborted && lostIdleConnection(error)) return ask();
          throw error;
        })
        .catch((error: unknown) => {
          throw new ScrapeError(describeFailure("GET", target.url, signal.aborted ? reasonOf(signal) : error));
        });
      if (response.statusCode !== 200) {
        response.body.on("error", () => undefined).destroy();
        const phrase = STATUS_CODES[response.statusCode] ?? "";
        throw new ScrapeError(`server returned HTTP status ${`${response.statusCode} ${phrase}`.trim()}`);
      }
      const zipped = headerText(response.headers["content-encoding"]) === "gzip";
      const bytes = await readBody(response.body, zipped, job.bodySizeLimit, signal);
      return { bytes, contentType: headerText(response.headers["content-type"]) };
    } finally {
      cancel();
      stopping.removeEventListener("abort", onStop);
    }
  };
}

/**
 * Did the target close a connection kept from an earlier scrape, before it answered? Between two scrapes that is its right,
 * so the request is made once more, as Go does.
 */
function lostIdleConnection(error: unknown): boolean {
  const { code, socket } = error as { code?: string; socket?: { bytesRead?: number } | null };
  return code === "ECONNRESET" || (code === "UND_ERR_SOCKET" && (socket?.bytesRead ?? 0) > 0);
}

const headerText = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

async function readBody(
  body: AsyncIterable<Uint8Array>,
  zipped: boolean,
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (!zipped && limit > 0 && size >= limit) throw new BodySizeError();
    }
    const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    const bytes = zipped && size > 0 ? await inflate(whole, limit) : whole;
    signal.throwIfAborted();
    return bytes;
  } catch (error) {
    if (error instanceof ScrapeError) throw error;
    throw new ScrapeError(bodyProblem(error, signal));
  }
}

async function inflate(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  try {
    return await unzip(bytes, limit > 0 ? { maxOutputLength: limit - 1 } : {});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw new BodySizeError();
    const torn = (error as NodeJS.ErrnoException).code === "Z_BUF_ERROR";
    throw new ScrapeError(torn ? "unexpected EOF" : "gzip: invalid header");
  }
}

function bodyProblem(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return "context deadline exceeded";
  const code = (error as NodeJS.ErrnoException).code;
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" ? "unexpected EOF" : (error as Error).message;
}
