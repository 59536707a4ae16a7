import { constants, gzipSync } from "node:zlib";
import type { Collection } from "@narthex/collectors";
import { type AnswerFormat, gather, type MetricFamily, negotiateAnswer, writeAnswer } from "@narthex/exposition";
import type { SelfMetrics } from "@narthex/http";
import { plainError } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { scrapeLimitMs } from "./scrape-timeout.ts";
import { selectCollectors } from "./selection.ts";

/** Digits, read once: more effort takes several times as long for a tenth less. */
const FAST = { level: constants.Z_BEST_SPEED };

/** What the scrape route shows and how often at once. */
export interface ScrapeRouteOptions {
  readonly path: string;
  readonly collection: Collection;
  /** Names of all collectors there are, enabled or not. */
  readonly known: ReadonlySet<string>;
  /** Families that go out with every scrape. */
  readonly always: readonly MetricFamily[];
  /** Process, runtime and handler metrics; undefined with --web.disable-exporter-metrics. */
  readonly self: SelfMetrics | undefined;
  /** Scrapes at once; 0 for no limit. */
  readonly maxRequests: number;
}

/** What one scrape asks of the host. */
interface Look {
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

/**
 * The body of an answer. Zipped on this thread: the way to another and back takes longer than the zipping, which is done
 * straight from the bytes of the text.
 */
async function answerOf(collection: Collection, look: Look, format: AnswerFormat, isZipped: boolean): Promise<Buffer> {
  const encoded = (text: Uint8Array): Buffer => (isZipped ? gzipSync(text, FAST) : Buffer.from(text));
  if (format.format === "text") return collection.print({ ...look, escaping: format.escaping }, encoded);
  const families = [...(await collection.gather(look.names, look.limitMs)), ...look.added];
  return encoded(Buffer.from(writeAnswer(families, look.accept).body));
}

/** Text for scrapers, counted as the Go client's handler counts. */
export function scrapeRoute(app: FastifyInstance, options: ScrapeRouteOptions): void {
  const counted = options.self === undefined ? undefined : handlerMetrics(options.self);
  let running = 0;
  const scrape = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const query = new URLSearchParams(request.url.split("?")[1] ?? "");
    const selection = selectCollectors(query, { enabled: options.collection.names, known: options.known });
    if ("problem" in selection) return reply.code(400).type("text/plain; charset=utf-8").send(selection.problem);
    const own = options.self === undefined ? [] : await options.self.families();
    const { accept } = request.headers;
    const format = formatOf(accept);
    const look: Look = {
      names: selection.names,
      limitMs: scrapeLimitMs(request.headers["x-prometheus-scrape-timeout-seconds"]?.toString()),
      accept,
      added: [...options.always, ...gather(own)],
    };
    const isZipped = /\bgzip\b/.test(request.headers["accept-encoding"]?.toString() ?? "");
    const body = await answerOf(options.collection, look, format, isZipped);
    counted?.served.inc({ code: "200" });
    reply.header("content-type", format.contentType);
    if (isZipped) reply.header("content-encoding", "gzip");
    return reply.send(body);
  };
  app.all(options.path, async (request, reply) => {
    if (options.maxRequests > 0 && running >= options.maxRequests) {
      counted?.served.inc({ code: "503" });
      return plainError(reply, 503, `Limit of concurrent requests reached (${options.maxRequests}), try again later.`);
    }
    running++;
    counted?.inFlight.inc();
    try {
      return await scrape(request, reply);
    } finally {
      running--;
      counted?.inFlight.dec();
    }
  });
}

function handlerMetrics(self: SelfMetrics) {
  const served = self.counter(
    "promhttp_metric_handler_requests_total",
    "Total number of scrapes by HTTP status code.",
    ["code"],
  );
  for (const code of ["200", "500", "503"]) served.inc({ code }, 0);
  const errors = self.counter(
    "promhttp_metric_handler_errors_total",
    "Total number of internal errors encountered by the promhttp metric handler.",
    ["cause"],
  );
  for (const cause of ["encoding", "gathering"]) errors.inc({ cause }, 0);
  const inFlight = self.gauge("promhttp_metric_handler_requests_in_flight", "Current number of scrapes being served.");
  return { served, inFlight };
}
