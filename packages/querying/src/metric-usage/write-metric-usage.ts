import { goJson } from "@narthex/model";
import { Deadline, eventLoopYielder, parseExpression, type ParserOptions } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import type { JobContext, WrittenResponse } from "../evaluation/job-context.ts";
import { JsonBytes } from "../response/json-bytes.ts";
import { PieceWriter } from "../response/response-pieces.ts";
import { countMetrics, type MetricCount } from "./count-metrics.ts";
import { type DashboardReferences, dashboardReferences, noteReferences } from "./dashboard-references.ts";
import { dropRules } from "./drop-rules.ts";
import { type MetricReference, referencesOf, UsedMetrics } from "./metric-references.ts";
import type { MetricUsageListing } from "./metric-usage-listing.ts";
import { storageErrorOf } from "../errors/storage-error.ts";

/**
 * Matches series that the server itself writes for every scrape and alert, such as `up`. Relabeling rules cannot drop
 * these series.
 */
const OWN =
  /^(?:up|scrape_(?:duration_seconds|samples_scraped|samples_post_metric_relabeling|series_added|timeout_seconds|sample_limit|body_size_bytes)|ALERTS|ALERTS_FOR_STATE)$/;
const UNNAMED =
  'a rule, dashboard or query selects series without naming a metric, such as {job="x"} or {__name__=~".+"}: ' +
  "what it reads does not count as used";
const DAY = 86_400_000;
/** Number of texts after which the deadline is checked again. */
const TEXTS_PER_LOOK = 8;

/** Lists the stored metrics that are unused in all rules, dashboards and queries. Rejects with QueryError. */
export async function writeMetricUsage(
  listing: MetricUsageListing,
  queryable: Queryable,
  job: JobContext,
  clock: Clock,
  parser: ParserOptions,
): Promise<WrittenResponse> {
  const { start, end } = listing;
  const deadline = new Deadline(clock, job.timeoutMs, job.signal);
  deadline.stage = "query execution";
  const yieldToEventLoop = eventLoopYielder(clock, deadline, job.yieldTurn);
  // Reads only the data of this server, because relabeling rules cannot drop data that other servers store.
  const querier = (queryable.local ?? queryable).querier(start, end);
  try {
    const dashboards = await dashboardReferences(listing.dashboards, yieldToEventLoop);
    const { used, problems } = await usedMetrics(listing, dashboards, parser, yieldToEventLoop);
    const context = { querier, selectors: [], signal: deadline.signal, job, yieldToEventLoop };
    const counts = await countMetrics(context, { start, end });
    const unused = await unusedAmong(counts, used, yieldToEventLoop);
    const out = new JsonBytes(4096);
    out.text(`{"status":"success","data":${goJson(reportOf(listing, counts, unused, dashboards))}`);
    const warnings = [...warningsOf(listing), ...problems, ...(querier.warnings ?? [])];
    return { annotations: { warnings, infos: [] }, pieces: [new PieceWriter(job).cut(out, true)] };
  } catch (error) {
    throw storageErrorOf(deadline.translate(error));
  } finally {
    querier.close();
    deadline.close();
  }
}

async function usedMetrics(
  { used: recorded, rules }: MetricUsageListing,
  dashboards: DashboardReferences,
  parser: ParserOptions,
  yieldToEventLoop: () => Promise<void> | undefined,
): Promise<{ readonly used: UsedMetrics; readonly problems: readonly string[] }> {
  const references = new Set<MetricReference>([...recorded, ...dashboards.references]);
  const each = async (texts: readonly string[], note: (text: string) => void): Promise<void> => {
    for (const [i, text] of texts.entries()) {
      note(text);
      const pause = i % TEXTS_PER_LOOK === 0 ? yieldToEventLoop() : undefined;
      if (pause !== undefined) await pause;
    }
  };
  await each(rules.expressions, (text) => {
    const parsed = parseExpression(text, parser);
    if (parsed.ok) for (const reference of referencesOf(parsed.expr)) references.add(reference);
  });
  await each(rules.templates, (text) => noteReferences(text, references));
  const used = new UsedMetrics();
  for (const reference of references) used.add(reference);
  const unnamed = used.readsUnnamed ? [UNNAMED] : [];
  return { used, problems: [...dashboards.problems, ...unnamed] };
}

function warningsOf({ recordedSince, usedSince }: MetricUsageListing): string[] {
  if (recordedSince <= usedSince) return [];
  const since = new Date(recordedSince).toISOString();
  return [`queries were recorded since ${since} only: metrics that were used before may be told as unused`];
}

/** Returns the names of unused metrics. Works in steps, because each name is compared with many patterns. */
async function unusedAmong(
  counts: readonly MetricCount[],
  used: UsedMetrics,
  yieldToEventLoop: () => Promise<void> | undefined,
): Promise<ReadonlySet<string>> {
  const unused = new Set<string>();
  for (const name of new Set(counts.map(({ metric }) => metric))) {
    if (!OWN.test(name) && !used.has(name)) unused.add(name);
    const pause = yieldToEventLoop();
    if (pause !== undefined) await pause;
  }
  return unused;
}

interface Totals {
  metrics: number;
  series: number;
  samples: number;
}

function totalsOf(counts: readonly MetricCount[]): Totals {
  const totals = { metrics: new Set(counts.map(({ metric }) => metric)).size, series: 0, samples: 0 };
  for (const { series, samples } of counts) {
    totals.series += series;
    totals.samples += samples;
  }
  return totals;
}

const shareOf = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 1e6) / 1e6);

function reportOf(
  listing: MetricUsageListing,
  counts: readonly MetricCount[],
  unusedNames: ReadonlySet<string>,
  dashboards: DashboardReferences,
): Readonly<Record<string, unknown>> {
  const { start, end, usedSince, recordedSince, limit } = listing;
  const totals = totalsOf(counts);
  const unused = counts
    .filter(({ metric }) => unusedNames.has(metric))
    .sort((a, b) => b.samples - a.samples || (a.metric < b.metric ? -1 : 1));
  const listed = limit === 0 ? unused : unused.slice(0, limit);
  const shares = ({ series, samples }: Totals | MetricCount): Readonly<Record<string, number>> => ({
    seriesShare: shareOf(series, totals.series),
    samplesShare: shareOf(samples, totals.samples),
  });
  const recorded = new Set(listing.rules.recorded);
  const unusedTotals = totalsOf(unused);
  return {
    days: Math.round((end - usedSince) / DAY),
    recordedSince: new Date(recordedSince).toISOString(),
    window: { start: start / 1000, end: end / 1000 },
    sources: { queries: listing.used.length, rules: listing.rules.expressions.length, dashboards: dashboards.files },
    stored: totals,
    unused: { ...unusedTotals, ...shares(unusedTotals) },
    metrics: listed.map((count) => ({ ...count, ...shares(count), recorded: recorded.has(count.metric) })),
    // Returns no rules if a dashboard could not be read, because that dashboard may use any metric.
    dropRules: dashboards.complete ? rulesOf(listing, listed) : "",
  };
}

/**
 * Returns relabeling rules that drop unused metrics. The rules cannot drop metrics from recording rules or other
 * servers.
 */
function rulesOf({ jobs, rules }: MetricUsageListing, unused: readonly MetricCount[]): string {
  const recorded = new Set(rules.recorded);
  const namesByJob = new Map<string, string[]>();
  const scraped = new Set(jobs);
  for (const { job, metric } of unused) {
    if (!scraped.has(job) || recorded.has(metric)) continue;
    const names = namesByJob.get(job);
    if (names === undefined) namesByJob.set(job, [metric]);
    else names.push(metric);
  }
  return dropRules(
    jobs.filter((job) => namesByJob.has(job)).map((job) => ({ job, names: namesByJob.get(job)!.sort() })),
  );
}
