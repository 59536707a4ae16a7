import { promisify } from "node:util";
import { constants, gzip, gzipSync } from "node:zlib";
import type { Collection } from "@narthex/collectors";
import { type AnswerFormat, isGzipWanted, type MetricFamily, negotiateAnswer } from "@narthex/exposition";
import { runStepByStep, type Steps } from "@narthex/runtime";
import { type Answer, errorAnswer, type Handler, type Request, textAnswer } from "./answers.ts";
import type { OwnMetrics } from "./own-metrics.ts";
import { selectCollectors } from "./selection.ts";

/** Uses gzip level 1, because higher levels take several times as long and save only a tenth of the bytes. */
const FAST = { level: constants.Z_BEST_SPEED };
/**
 * Largest size in bytes of a body that the main thread compresses. Larger bodies are compressed in Node's thread pool.
 */
const MAX_SYNC_GZIP_BYTES = 1024 * 1024;

const gzipInThreadPool = promisify(gzip);

export interface ScrapeRouteOptions {
  readonly collection: Collection;
  /** Names of all collectors, enabled or not. */
  readonly known: ReadonlySet<string>;
  /** Families that are part of every scrape. */
  readonly always: () => readonly MetricFamily[];
  /** Process, runtime and handler metrics; undefined with --web.disable-exporter-metrics. */
  readonly self: OwnMetrics | undefined;
  /** Limit of concurrent scrapes; 0 for no limit. */
  readonly maxRequests: number;
}

interface ScrapeQuery {
  readonly names: ReadonlySet<string> | undefined;
  readonly limitMs: number | undefined;
  readonly added: () => readonly MetricFamily[];
  readonly onConflict: () => void;
}

/** The last Accept header with its parsed form. Scrapers send the same header each time, so it is parsed only once. */
let accepted: { readonly header: string | undefined; readonly format: AnswerFormat } | undefined;

function formatOf(header: string | undefined): AnswerFormat {
  if (accepted?.header !== header || accepted === undefined) accepted = { header, format: negotiateAnswer(header) };
  return accepted.format;
}

/** Pool of buffers for uncompressed answers: new buffers for each scrape would keep the garbage collector busy. */
const spare: Buffer[] = [];
const MAX_SPARE = 4;

type Body = Pick<Answer, "body" | "release">;

/** Number of bytes that are copied in one turn of the event loop. */
const BYTES_A_STEP = 2 * 1024 * 1024;

function* copying(text: Uint8Array, memory: Uint8Array): Steps<void> {
  for (let at = 0; at < text.length; at += BYTES_A_STEP) {
    if (at > 0) yield;
    memory.set(text.subarray(at, at + BYTES_A_STEP), at);
  }
}

async function copied(text: Uint8Array): Promise<Body> {
  const last = spare.pop();
  const memory = last !== undefined && last.length >= text.length ? last : Buffer.allocUnsafeSlow(2 * text.length);
  await runStepByStep(copying(text, memory));
  const release = (): void => void (spare.length < MAX_SPARE && spare.push(memory));
  return { body: memory.subarray(0, text.length), release };
}

/**
 * Builds the body of a response. Short texts are compressed synchronously, because the thread pool would take longer.
 */
async function bodyOf(
  collection: Collection,
  query: ScrapeQuery,
  format: AnswerFormat,
  isCompressed: boolean,
): Promise<Body> {
  // Copies the text synchronously, because other scrapes wait until this function has finished.
  const take = (text: Uint8Array): Body | Promise<Body> =>
    isCompressed && text.length <= MAX_SYNC_GZIP_BYTES ? { body: gzipSync(text, FAST) } : copied(text);
  const taken = await collection.print(
    { ...query, format: format.format === "protobuf" ? "protobuf" : "text", escaping: format.escaping },
    take,
  );
  if (!isCompressed || taken.release === undefined) return taken;
  try {
    return { body: await gzipInThreadPool(taken.body, FAST) };
  } finally {
    taken.release();
  }
}

/** Answers scrapes, and counts them as the Go client's handler does. */
export function scrapeRoute(options: ScrapeRouteOptions): Handler {
  const { self, maxRequests } = options;
  let running = 0;
  return async (request) => {
    if (maxRequests > 0 && running >= maxRequests) {
      self?.answered("503");
      return errorAnswer(503, `Limit of concurrent requests reached (${maxRequests}), try again later.`);
    }
    running++;
    self?.began();
    try {
      return await scrape(request, options);
    } catch (error) {
      self?.answered("500");
      throw error;
    } finally {
      running--;
      self?.ended();
    }
  };
}

async function scrape({ url, headers }: Request, options: ScrapeRouteOptions): Promise<Answer> {
  const { collection, self } = options;
  const parameters = new URLSearchParams(url.split("?")[1] ?? "");
  const selection = selectCollectors(parameters, { enabled: collection.names, known: options.known });
  if ("problem" in selection) return textAnswer(400, selection.problem);
  const format = formatOf(headers.accept);
  const query: ScrapeQuery = {
    names: selection.names,
    limitMs: scrapeLimitMs(headers["x-prometheus-scrape-timeout-seconds"]?.toString()),
    onConflict: () => self?.conflicted(),
    added: () => [...options.always(), ...(self?.families() ?? [])],
  };
  const isCompressed = isGzipWanted(headers["accept-encoding"]?.toString());
  const body = await bodyOf(collection, query, format, isCompressed);
  self?.answered("200");
  const plain = { "content-type": format.contentType };
  return { status: 200, headers: isCompressed ? { ...plain, "content-encoding": "gzip" } : plain, ...body };
}

/** Time reserved for sending the answer: half a second, or a tenth of the scraper's timeout if that is less. */
const MARGIN_MS = 500;
const MARGIN_SHARE = 0.1;
/** Lower limit for the scrape timeout. A shorter timeout is treated as this value. */
const MIN_TIMEOUT_MS = 500;

/**
 * Returns the time limit for collectors from the scrape timeout header (`X-Prometheus-Scrape-Timeout-Seconds`), or
 * undefined if it is missing or invalid.
 */
export function scrapeLimitMs(header: string | undefined): number | undefined {
  const timeoutMs = Number(header) * 1000;
  if (!(timeoutMs > 0)) return undefined;
  const countedMs = Math.max(timeoutMs, MIN_TIMEOUT_MS);
  return countedMs - Math.min(MARGIN_MS, countedMs * MARGIN_SHARE);
}
