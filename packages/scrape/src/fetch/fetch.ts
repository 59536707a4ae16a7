import type { ScrapeConfig } from "@narthex/config";
import { acceptHeader } from "@narthex/exposition";
import type { HttpClient } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import { BodyMemoryBudget } from "./body-memory-budget.ts";
import { BodyBuffers } from "./body-buffers.ts";
import { BodyCollector } from "./body-collector.ts";
import { type BodyContent, type BodyStore, WindowedContent, BufferedContent } from "./body-content.ts";
import { Inflater } from "./inflater.ts";
import { ScrapeRequest } from "./scrape-request.ts";
import type { Target } from "../target/target.ts";
import { UNIX_SOCKET } from "../target/unix-socket.ts";

/** A target's answer. */
export interface ScrapedBody {
  readonly content: BodyContent;
  readonly contentType: string | undefined;
}

export interface InFlightFetch {
  /** Promise of the scraped body. Rejects with ScrapeError. */
  readonly body: Promise<ScrapedBody>;
  abort(reason: Error): void;
}

export type Fetch = (target: Target) => InFlightFetch;

/** Default limit, in bytes, of the memory of all long bodies together. */
const DEFAULT_LIMIT = 256 * 1024 * 1024;

/** Memory for scraped bodies, which all jobs share. */
export class BodyMemory implements BodyStore {
  readonly buffers = new BodyBuffers();
  readonly budget: BodyMemoryBudget;
  readonly inflater: Inflater;

  /** @param limit maximum memory of all long bodies in transfer together, bytes */
  constructor(limit: number = DEFAULT_LIMIT) {
    this.budget = new BodyMemoryBudget(limit);
    this.inflater = new Inflater(this);
  }
}

/**
 * Returns the function that fetches bodies for a job with its HTTP client. The timeout covers the time until the last
 * byte of the body.
 */
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
    const collector = new BodyCollector(memory, job.bodySizeLimit, (reason) => request.abort(reason));
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
    collector.end();
    const { contentType } = collector.head!;
    if (!collector.isGzip) return { content: plainContent(collector, memory), contentType };
    const content = await memory.inflater.inflate(collector, collector.limit, () => request.check());
    request.check();
    return { content, contentType };
  } catch (error) {
    collector.release();
    throw error;
  } finally {
    cancelTimeout();
  }
}

const deadlineExceeded = (): Error => new DOMException("context deadline exceeded", "TimeoutError");

/**
 * Returns a function that creates the headers of a job's requests for a timeout. Requests with equal timeouts share one
 * object of headers.
 */
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

function plainContent(collector: BodyCollector, store: BodyStore): BodyContent {
  const { whole, size } = collector;
  const release = (): void => collector.release();
  if (whole !== undefined) return new BufferedContent(whole, release);
  return new WindowedContent(size, () => collector.open(), store, release);
}
