import {
  changeQueries,
  type ChangeQuery,
  type ComparedSeries,
  compareSeries,
  coursesOf,
  type EarlierPeriod,
  type Frame,
  type MetricFamily,
  panelStep,
  rankChanges,
  type RankedChanges,
  type ResolvedTimeRange,
  type SourceListing,
} from "@narthex/dashboards";
import { fetchJson } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";
import { sendQueries } from "../data/query-client.ts";
import type { ChangeChoice } from "../../query-link/change-choice.ts";
import { ownQuery } from "./own-query.ts";

/** Maximum number of metrics to compare. A note states how many are left out. */
const MAX_METRICS = 40;
/** Maximum number of series to compare per metric, and maximum number of series in a response. */
const MAX_SERIES = 500;
/** Number of values that are requested for each series and time range, enough for a small chart. */
const POINTS = 60;
/** Number of queries in one request. */
const QUERIES_PER_REQUEST = 4;

export interface QueryChanges {
  readonly query: ChangeQuery;
  readonly series: readonly ComparedSeries[];
  readonly ranked: RankedChanges;
}

/** The changes that were found, largest first. */
export interface FoundChanges {
  readonly queries: readonly QueryChanges[];
  /** Messages about data that was not compared. */
  readonly notes: readonly string[];
}

interface Ranges {
  readonly now: ResolvedTimeRange;
  readonly earlier: EarlierPeriod;
}

/**
 * Returns the metrics of a job, or the metrics that a search finds.
 * @throws {ApiError} with the server's message
 */
const fetchFamilies = async (
  { source, job, search }: ChangeChoice,
  { now, earlier }: Ranges,
  signal: AbortSignal,
): Promise<readonly MetricFamily[]> => {
  const { families } = await fetchJson<{ families: readonly MetricFamily[] }>(`${rootPath}/api/narthex/metrics`, {
    method: "POST",
    json: { datasource: { uid: source }, job, search, from: earlier.range.from, to: now.to },
    signal,
  });
  return families;
};

async function chosenQueries(
  choice: ChangeChoice,
  ranges: Ranges,
  signal: AbortSignal,
): Promise<{ queries: readonly ChangeQuery[]; notes: readonly string[] }> {
  if (choice.exprs.length > 0) return { queries: choice.exprs.map((expr) => ownQuery(expr, choice.unit)), notes: [] };
  const families = await fetchFamilies(choice, ranges, signal);
  const matchers = choice.job === "" ? [] : [`job=${JSON.stringify(choice.job)}`];
  const comparable = families.filter((family) => changeQueries(family, matchers).length > 0);
  const large = comparable.filter(({ series }) => series.count > MAX_SERIES);
  const small = comparable.filter(({ series }) => series.count <= MAX_SERIES);
  const compared = small.slice(0, MAX_METRICS);
  return {
    queries: compared.flatMap((family) => changeQueries(family, matchers)),
    notes: [
      ...(small.length > compared.length
        ? [
            `${small.length - compared.length} of ${comparable.length} metrics were not compared. Search for words that fewer names contain.`,
          ]
        : []),
      ...(large.length > 0
        ? [
            `Not compared, because they have more than ${MAX_SERIES} series: ${large.map(({ name }) => name).join(", ")}.`,
          ]
        : []),
    ],
  };
}

/** Runs queries for a time range. Returns data frames, and the errors of failed queries. */
async function framesOf(
  queries: readonly ChangeQuery[],
  source: SourceListing,
  range: ResolvedTimeRange,
  signal: AbortSignal,
): Promise<readonly { readonly frames: readonly Frame[]; readonly error?: string }[]> {
  const step = panelStep({ maxDataPoints: POINTS }, source, range, POINTS, () => undefined);
  const answers = await sendQueries(
    queries.map(({ exprWith }, at) => ({
      refId: `Q${at}`,
      datasource: { type: source.type, uid: source.uid },
      ...step,
      source: { expr: exprWith([]), range: true, instant: false },
    })),
    range,
    signal,
  );
  return queries.map((_, at) => answers.get(`Q${at}`) ?? { frames: [], error: "there is no answer" });
}

/** Finds the changes between two time ranges. Rejects with the data source's message, or if the signal aborts. */
export async function findChanges(
  choice: ChangeChoice,
  source: SourceListing,
  ranges: Ranges,
  signal: AbortSignal,
): Promise<FoundChanges> {
  const { queries, notes } = await chosenQueries(choice, ranges, signal);
  const batches = Array.from({ length: Math.ceil(queries.length / QUERIES_PER_REQUEST) }, (_, at) =>
    queries.slice(at * QUERIES_PER_REQUEST, (at + 1) * QUERIES_PER_REQUEST),
  );
  const allNotes = [...notes];
  // Starts all requests at once. The query client limits how many run at the same time, and aborts unfinished requests
  // when the user leaves the page.
  const found = await Promise.all(
    batches.map(async (batch): Promise<readonly QueryChanges[]> => {
      const [after, before] = await Promise.all([
        framesOf(batch, source, ranges.now, signal),
        framesOf(batch, source, ranges.earlier.range, signal),
      ]);
      return batch.map((query, at) => {
        const problem = after[at]!.error ?? before[at]!.error;
        if (problem !== undefined) allNotes.push(`${query.title}: ${problem}`);
        const all = compareSeries(coursesOf(before[at]!.frames), coursesOf(after[at]!.frames));
        const series = all.slice(0, MAX_SERIES);
        if (all.length > series.length)
          allNotes.push(`${query.title}: ${all.length - series.length} of ${all.length} series were not compared.`);
        return { query, series, ranked: rankChanges(series, query.together) };
      });
    }),
  );
  const scoreOf = ({ ranked: { total, groups } }: QueryChanges): number => Math.max(total.score, groups[0]?.score ?? 0);
  return {
    queries: found
      .flat()
      .filter((one) => scoreOf(one) > 0)
      .toSorted((a, b) => scoreOf(b) - scoreOf(a)),
    notes: allNotes,
  };
}
