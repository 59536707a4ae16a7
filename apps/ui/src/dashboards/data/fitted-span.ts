import {
  type Dashboard,
  flatPanels,
  type FrameAnswer,
  type Lookup,
  type PanelQuery,
  parseInterval,
  quickRanges,
  type RawTimeRange,
  type SourceListing,
} from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { serversOf } from "./alerts/panel-servers.ts";
import { sendQueries } from "./query-client.ts";

/** Maximum number of data sources that are asked for the age of their data. A dashboard with more shows its own range. */
const MAX_SOURCES = 3;

/** Pairs `SPAN UID` of data sources that have data older than the time span. These sources are not asked again. */
const knownOlder = new Set<string>();

/** Returns the length of a time range that ends now, such as `6h`. Undefined for all other ranges. */
const spanOf = ({ from, to }: RawTimeRange): string | undefined =>
  to === "now" ? /^now-(\d{1,6}[smhdwy])$/.exec(from)?.[1] : undefined;

/** Lengths for the first minutes of a server, which are shorter than all of the picker. */
const FIRST_SPANS = ["1m", "2m"];

/** Returns the lengths that are shorter than a span, shortest first. */
function shorterSpans(span: string): readonly string[] {
  const own = parseInterval(span)!;
  const all = [...FIRST_SPANS, ...quickRanges.flatMap((range) => spanOf(range) ?? [])];
  return all.filter((shorter) => parseInterval(shorter)! < own);
}

/**
 * Resolves with one boolean for each instant query: whether its result is not empty. Resolves with undefined if a query
 * failed.
 */
async function haveResults(
  exprs: readonly { readonly expr: string; readonly uid: string }[],
  now: number,
  signal: AbortSignal,
): Promise<readonly boolean[] | undefined> {
  const queries = exprs.map(({ expr, uid }, at): PanelQuery => ({
    refId: `Q${at}`,
    datasource: { uid },
    intervalMs: 1000,
    maxDataPoints: 1,
    source: { expr, instant: true, range: false },
  }));
  const answers = await sendQueries(queries, { from: now - 60_000, to: now }, signal);
  const all = queries.map(({ refId }): FrameAnswer | undefined => answers.get(refId));
  if (all.some((answer) => answer === undefined || answer.error !== undefined)) return undefined;
  return all.map((answer) => answer!.frames.some(({ length }) => length > 0));
}

/**
 * Resolves with the shortest of these lengths that contains all data of the sources. Resolves with the given
 * length if there is older data, or if the age of the data is unknown: the source does not respond, or has no metric
 * `up`.
 */
async function fittedSpan(uids: readonly string[], span: string, now: number, signal: AbortSignal): Promise<string> {
  const up = (uid: string, offset: string) => ({ uid, expr: `count(up offset ${offset})` });
  const ends = await haveResults(
    uids.flatMap((uid) => [up(uid, "0s"), up(uid, span)]),
    now,
    signal,
  );
  if (ends === undefined) return span;
  const older = uids.filter((_, at) => !ends[2 * at]! || ends[2 * at + 1]!);
  for (const uid of older) knownOlder.add(`${span} ${uid}`);
  if (older.length > 0) return span;
  const shorter = shorterSpans(span);
  const found = await haveResults(
    uids.flatMap((uid) => shorter.map((one) => up(uid, one))),
    now,
    signal,
  );
  if (found === undefined) return span;
  // Takes the longest length at which data was found, because data may be missing at a shorter one if nothing was
  // scraped then.
  const lastWithData = shorter.findLastIndex((_, at) => found.some((has, i) => has && i % shorter.length === at));
  return shorter[lastWithData + 1] ?? span;
}

/**
 * Returns the length of the time range that a dashboard shows if its address has no range. The range is shorter than
 * the dashboard's own if its Prometheus sources have no older data. Undefined if the dashboard's own range is shown.
 * @param now time of the last refresh, epoch ms; the range grows with the data at each refresh
 */
export function useFittedSpan(
  { panels, time }: Pick<Dashboard, "panels" | "time">,
  sources: readonly SourceListing[],
  lookup: Lookup,
  now: number,
  hasRange: boolean,
): string | undefined {
  const span = hasRange ? undefined : spanOf(time);
  const uids = useMemo(
    () => serversOf(flatPanels(panels), sources, lookup).map(({ uid }) => uid),
    [panels, sources, lookup],
  );
  const isOlder = uids.some((uid) => knownOlder.has(`${span} ${uid}`));
  const isAsked = span !== undefined && !isOlder && uids.length > 0 && uids.length <= MAX_SOURCES;
  const key = ["fitted span", span, uids.join(" ")];
  const { data } = useQuery({
    queryKey: [...key, now],
    queryFn: ({ signal }) => fittedSpan(uids, span!, now, signal),
    enabled: isAsked,
    placeholderData: (before: string | undefined, query) =>
      key.every((part, at) => query?.queryKey[at] === part) ? before : undefined,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  return isAsked && data !== span ? data : undefined;
}
