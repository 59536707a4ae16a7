import { generateDashboard, metricFamilies, type MetricFamily, type ResolvedTimeRange } from "@narthex/dashboards";
import type { FastifyReply, FastifyRequest } from "fastify";
import { QueryFailure, sourceReference } from "@narthex/datasources";
import type { Feature } from "@narthex/http";
import { literalPattern, quote } from "@narthex/model";
import { needsSource } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Sources } from "../datasources/sources.ts";
import { answersWhileAwaited } from "../web/client-gone.ts";
import { badRequest, Refusal, refusal } from "../web/refusal.ts";
import { type Body, bodyOfRequest, numberAt } from "../web/request-body.ts";

/** Length of the default time range, ms. Only metrics with samples in the range are included. */
const RECENT_MS = 3_600_000;
const MAX_TEXT = 200;
const MAX_BYTES = 65_536;

/** Returns an optional text in the request's body. Throws Refusal if it is not a text or too long. */
function textOf(body: Body, key: string): string {
  const value = body[key];
  if (value === undefined || value === null) return "";
  if (typeof value !== "string" || value.length > MAX_TEXT) throw badRequest();
  return value.trim();
}

/**
 * Returns the matchers for a job and for a search. A metric's name must contain all words of the search, in any order.
 */
const matchersOf = (job: string, search: string): string[] => [
  ...(job === "" ? [] : [`job=${quote(job)}`]),
  ...search
    .split(/\s+/)
    .flatMap((word) => (word === "" ? [] : [`__name__=~${quote(`(?i).*${literalPattern(word)}.*`)}`])),
];

/** The metrics that a request has selected, with their source and the matchers. */
interface ChosenMetrics {
  readonly body: Body;
  /** Reference to the source, as in the request. */
  readonly reference: string;
  readonly job: string;
  readonly search: string;
  readonly families: readonly MetricFamily[];
}

/** Queries the metrics that a request selects. Throws Refusal. */
async function chosenMetrics(
  request: FastifyRequest,
  reply: FastifyReply,
  { clock }: Context,
  { visible }: Sources,
): Promise<ChosenMetrics> {
  const body = bodyOfRequest(request);
  const reference = sourceReference(body);
  const seen = visible(request);
  const source = seen.referred(reference);
  if (source === undefined) throw refusal(404, `Data source not found: ${reference.slice(0, MAX_TEXT)}`);
  if (source.metrics === undefined) throw refusal(400, "this data source cannot list its metrics");
  const [job, search] = [textOf(body, "job"), textOf(body, "search")];
  const matchers = matchersOf(job, search);
  if (matchers.length === 0) throw refusal(400, "choose a job, or search for names of metrics");
  const to = numberAt(body, "to") ?? clock.now();
  const range: ResolvedTimeRange = { from: Math.min(to, numberAt(body, "from") ?? to - RECENT_MS), to };
  const found = await answersWhileAwaited(reply, (signal) =>
    source.metrics!(`{${matchers.join(",")}}`, range, signal, seen.context).catch((error: unknown) => {
      if (error instanceof QueryFailure) throw new Refusal(error.status, { message: error.message });
      throw error;
    }),
  );
  return { body, reference, job, search, families: metricFamilies(found.series, found.metadata) };
}

/**
 * Adds the API that generates dashboards and lists metrics, from the metadata of a source. The dashboards are not
 * saved.
 */
export function openGenerate(context: Context, sources: Sources): Feature {
  const options = { ...needsSource("view", "datasources:query"), bodyLimit: MAX_BYTES };
  return {
    name: "generated dashboards",
    routes({ app }) {
      app.post("/api/narthex/generate", options, async (request, reply) => {
        const { body, reference, job, search, families } = await chosenMetrics(request, reply, context, sources);
        const dashboard = generateDashboard({
          title: textOf(body, "title") || job || search,
          datasource: { type: "prometheus", uid: reference },
          families,
          matchers: job === "" ? [] : [["job", job]],
        });
        return { dashboard, metrics: families.length };
      });
      app.post("/api/narthex/metrics", options, async (request, reply) => {
        const { families } = await chosenMetrics(request, reply, context, sources);
        return { families };
      });
    },
  };
}
