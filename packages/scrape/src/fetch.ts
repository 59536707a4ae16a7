import type { ScrapeConfig } from "@narthex/config";
import { acceptHeader } from "@narthex/exposition";
import type { HttpClient } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import { BodyBuffers } from "./body-buffers.ts";
import { BodyCollector } from "./body-collector.ts";
import { Inflater } from "./inflater.ts";
import { ScrapeRequest } from "./scrape-request.ts";
import type { Target } from "./target.ts";

/** Label with the path of a unix socket through which the target is reached, whatever its address. An extension. */
const UNIX_SOCKET = "__unix_socket__";

/** What a target answered. */
export interface ScrapedBody {
  /** Uncompressed. */
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
  /** Says that the bytes are no longer read: their memory is another scrape's from then on. */
  readonly release: () => void;
}

/** A target is being asked. */
export interface Fetching {
  /** Rejects with ScrapeError. */
  readonly body: Promise<ScrapedBody>;
  /** Breaks off: the body rejects. */
  abort(reason: Error): void;
}

/** Asks a target for its exposition. */
export type Fetch = (target: Target) => Fetching;

/** What the fetches of all jobs share. */
export class BodyMemory {
  readonly buffers = new BodyBuffers();
  readonly inflater = new Inflater(this.buffers);
}

/** A job's way of asking its targets, over its HTTP client. The timeout covers everything up to the body's last byte. */
export function createFetch(
  job: ScrapeConfig,
  client: HttpClient,
  clock: Clock,
  userAgent: string,
  memory = new BodyMemory(),
): Fetch {
  const headersFor = requestHeaders(job, userAgent);
  return (target) => {
    const socketPath = target.labels.get(UNIX_SOCKET);
    const request = new ScrapeRequest(client, target.url, headersFor(target.timeoutMs), socketPath);
    const cancel = clock.after(target.timeoutMs, () => request.abort(deadlineExceeded()));
    const collector = new BodyCollector(memory.buffers, job.bodySizeLimit);
    return { body: read(request, collector, memory, cancel), abort: (reason) => request.abort(reason) };
  };
}

async function read(
  request: ScrapeRequest,
  collector: BodyCollector,
  memory: BodyMemory,
  cancelTimeout: () => void,
): Promise<ScrapedBody> {
  try {
    await request.run(collector);
    if (!collector.zipped) return plainBody(collector);
    const body = await unzippedBody(collector, memory, () => request.check());
    request.check();
    return body;
  } catch (error) {
    collector.release();
    throw error;
  } finally {
    cancelTimeout();
  }
}

const deadlineExceeded = (): Error => new DOMException("context deadline exceeded", "TimeoutError");

/** The fields of a job's requests, by the target's timeout; the same object for the same timeout. */
function requestHeaders(job: ScrapeConfig, userAgent: string): (timeoutMs: number) => Readonly<Record<string, string>> {
  const byTimeout = new Map<number, Readonly<Record<string, string>>>();
  const accept = acceptHeader(job.scrapeProtocols, job.metricNameEscapingScheme);
  return (timeoutMs) => {
    let headers = byTimeout.get(timeoutMs);
    if (headers !== undefined) return headers;
    headers = {
      "User-Agent": userAgent,
      Accept: accept,
      "Accept-Encoding": job.enableCompression ? "gzip" : "identity",
      "X-Prometheus-Scrape-Timeout-Seconds": String(timeoutMs / 1000),
    };
    byTimeout.set(timeoutMs, headers);
    return headers;
  };
}

const plainBody = (collector: BodyCollector): ScrapedBody => ({
  bytes: collector.bytes(),
  contentType: collector.head?.contentType,
  release: () => collector.release(),
});

async function unzippedBody(collector: BodyCollector, memory: BodyMemory, check: () => void): Promise<ScrapedBody> {
  const { buffer, size } = await memory.inflater.inflate(collector.bytes(), collector.limit, check);
  collector.release();
  return {
    bytes: buffer.subarray(0, size),
    contentType: collector.head?.contentType,
    release: () => memory.buffers.giveBack(buffer),
  };
}
