import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Collection } from "@narthex/collectors";
import { gather, type MetricFamily, writeAnswer } from "@narthex/exposition";
import type { SelfMetrics } from "@narthex/http";
import { plainError } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { selectCollectors } from "./selection.ts";

const gzipped = promisify(gzip);

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

/** Text for scrapers, counted as the Go client's handler counts. */
export function scrapeRoute(app: FastifyInstance, options: ScrapeRouteOptions): void {
  const counted = options.self === undefined ? undefined : handlerMetrics(options.self);
  let running = 0;
  const scrape = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const query = new URLSearchParams(request.url.split("?")[1] ?? "");
    const selection = selectCollectors(query, { enabled: options.collection.names, known: options.known });
    if ("problem" in selection) return reply.code(400).type("text/plain; charset=utf-8").send(selection.problem);
    const own = options.self === undefined ? [] : await options.self.families();
    const families = [...(await options.collection.gather(selection.names)), ...options.always, ...gather(own)];
    const { body, contentType } = writeAnswer(families, request.headers.accept);
    counted?.served.inc({ code: "200" });
    reply.header("content-type", contentType);
    if (!/\bgzip\b/.test(request.headers["accept-encoding"]?.toString() ?? "")) return reply.send(body);
    return reply.header("content-encoding", "gzip").send(await gzipped(body));
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
