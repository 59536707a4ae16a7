import { promisify } from "node:util";
import { constants, gzip, gzipSync } from "node:zlib";
import type { Collection } from "@narthex/collectors";
import { type AnswerFormat, isGzipWanted, type MetricFamily, negotiateAnswer, writeAnswer } from "@narthex/exposition";
import { type Answer, errorAnswer, type Handler, type Request, textAnswer } from "./answers.ts";
import type { OwnMetrics } from "./own-metrics.ts";
import { selectCollectors } from "./selection.ts";

/** Level 1: higher levels take several times as long and save a tenth of the bytes. */
const FAST = { level: constants.Z_BEST_SPEED };
/** Longer texts are compressed on another thread. */
const MAX_SYNC_GZIP_BYTES = 1024 * 1024;

const gzipInThreadPool = promisify(gzip);

/** What the scrape route shows and how often at once. */
export interface ScrapeRouteOptions {
  readonly collection: Collection;
  /** Names of all collectors there are, enabled or not. */
  readonly known: ReadonlySet<string>;
  /** Families that go out with every scrape. */
  readonly always: () => readonly MetricFamily[];
  /** Process, runtime and handler metrics; undefined with --web.disable-exporter-metrics. */
  readonly self: OwnMetrics | undefined;
  /** Scrapes at once; 0 for no limit. */
  readonly maxRequests: number;
}

/** What one scrape asks of the host. */
interface ScrapeQuery {
  readonly names: ReadonlySet<string> | undefined;
  readonly limitMs: number | undefined;
  readonly accept: string | undefined;
  readonly added: readonly MetricFamily[];
}

/** The Accept header seen last and what it means: scrapers say the same each time. */
let accepted: { readonly header: string | undefined; readonly format: AnswerFormat } | undefined;

function formatOf(header: string | undefined): AnswerFormat {
  if (accepted?.header !== header || accepted === undefined) accepted = { header, format: negotiateAnswer(header) };
  return accepted.format;
}

/** Pooled buffers of uncompressed answers, because new ones for each scrape would keep the garbage collector busy. */
const spare: Buffer[] = [];
const MAX_SPARE = 4;

type Body = Pick<Answer, "body" | "release">;

function copied(text: Uint8Array): Body {
  const last = spare.pop();
  const memory = last !== undefined && last.length >= text.length ? last : Buffer.allocUnsafeSlow(2 * text.length);
  memory.set(text);
  const release = (): void => void (spare.length < MAX_SPARE && spare.push(memory));
  return { body: memory.subarray(0, text.length), release };
}

/**
 * The body of an answer. Short texts are compressed on this thread, because handing them to another takes longer than
 * compressing them.
 */
async function bodyOf(
  collection: Collection,
  query: ScrapeQuery,
  format: AnswerFormat,
  isCompressed: boolean,
): Promise<Body> {
  const encoded = (text: Uint8Array): Body | Promise<Body> => {
    if (!isCompressed) return copied(text);
    if (text.length <= MAX_SYNC_GZIP_BYTES) return { body: gzipSync(text, FAST) };
    return gzipInThreadPool(text, FAST).then((body) => ({ body }));
  };
  if (format.format === "text") return collection.print({ ...query, escaping: format.escaping }, encoded);
  const families = [...(await collection.gather(query.names, query.limitMs)), ...query.added];
  return encoded(Buffer.from(writeAnswer(families, query.accept).body));
}

/** Answers scrapers, counted as the Go client's handler counts. */
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
    accept: headers.accept,
    added: [...options.always(), ...(self?.families() ?? [])],
  };
  const isCompressed = isGzipWanted(headers["accept-encoding"]?.toString());
  const body = await bodyOf(collection, query, format, isCompressed);
  self?.answered("200");
  const plain = { "content-type": format.contentType };
  return { status: 200, headers: isCompressed ? { ...plain, "content-encoding": "gzip" } : plain, ...body };
}

/** Time for sending the answer, and for the network: half a second, less of a short timeout. */
const MARGIN_MS = 500;
const MARGIN_SHARE = 0.1;

/**
 * How long the collectors may take for a scraper that gives up after so many seconds
 * (`X-Prometheus-Scrape-Timeout-Seconds`); undefined where it does not say.
 */
export function scrapeLimitMs(header: string | undefined): number | undefined {
  const timeoutMs = Number(header) * 1000;
  if (!(timeoutMs > 0)) return undefined;
  return timeoutMs - Math.min(MARGIN_MS, timeoutMs * MARGIN_SHARE);
}
