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
import { ageProbe } from "../../time/age-probe.ts";
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
 * Resolves with the offsets at which each source has data. Resolves with undefined if a query failed.
 * @param offsets such as `5m`
 */
async function dataAt(
  uids: readonly string[],
  offsets: readonly string[],
  now: number,
  signal: AbortSignal,
): Promise<readonly ReadonlySet<string>[] | undefined> {
  const expr = ageProbe(offsets);
  const queries = uids.map((uid, at): PanelQuery => ({
    refId: `Q${at}`,
    datasource: { uid },
    intervalMs: 1000,
    maxDataPoints: 1,
    source: { expr, instant: true, range: false },
  }));
  const answers = await sendQueries(queries, { from: now - 60_000, to: now }, signal);
  const all = queries.map(({ refId }): FrameAnswer | undefined => answers.get(refId));
  if (all.some((answer) => answer === undefined || answer.error !== undefined)) return undefined;
  return all.map(
    (answer) =>
      new Set(
        answer!.frames.flatMap(({ length, fields }) =>
          length === 0 ? [] : fields.flatMap(({ labels }) => labels?.["before"] ?? []),
        ),
      ),
  );
}

/**
 * Resolves with the shortest of these lengths that contains all data of the sources. Resolves with the given
 * length if there is older data, or if the age of the data is unknown: the source does not respond, or has no metric
 * `up`.
 */
async function fittedSpan(uids: readonly string[], span: string, now: number, signal: AbortSignal): Promise<string> {
  const shorter = shorterSpans(span);
  const found = await dataAt(uids, ["0s", ...shorter, span], now, signal);
  if (found === undefined) return span;
  const older = uids.filter((_, at) => !found[at]!.has("0s") || found[at]!.has(span));
  for (const uid of older) knownOlder.add(`${span} ${uid}`);
  if (older.length > 0) return span;
  // Takes the longest length at which data was found, because data may be missing at a shorter one if nothing was
  // scraped then.
  const lastWithData = shorter.findLastIndex((one) => found.some((offsets) => offsets.has(one)));
  return shorter[lastWithData + 1] ?? span;
}

/** The request of a dashboard that is opening, with the dashboard's range and sources as its key. */
let early: { readonly key: string; readonly span: Promise<string>; readonly at: number } | undefined;

/** Maximum age of an early answer, ms. An older answer is not used. */
const EARLY_MS = 10_000;

const keyOf = (span: string, uids: readonly string[]): string => `${span} ${uids.join(" ")}`;

/** Returns whether the sources are asked for the age of their data. */
const isAsked = (span: string | undefined, uids: readonly string[]): span is string =>
  span !== undefined &&
  uids.length > 0 &&
  uids.length <= MAX_SOURCES &&
  !uids.some((uid) => knownOlder.has(`${span} ${uid}`));

/**
 * Asks for the age of the data before the dashboard is rendered, so that most panels send their queries only once.
 * Sources that depend on variables are asked later.
 */
export function askEarly(
  { panels, time }: Pick<Dashboard, "panels" | "time">,
  sources: readonly SourceListing[],
  now: number,
): void {
  const span = spanOf(time);
  const uids = serversOf(flatPanels(panels), sources, () => undefined).map(({ uid }) => uid);
  if (!isAsked(span, uids)) return;
  const asked = fittedSpan(uids, span, now, new AbortController().signal);
  // Prevents the browser from reporting an unhandled rejection. The hook asks again.
  asked.catch(() => undefined);
  early = { key: keyOf(span, uids), span: asked, at: now };
}

/** Returns the answer of the early request to its first caller. */
function takeEarlySpan(key: string, now: number): Promise<string> | undefined {
  const asked = early;
  early = undefined;
  return asked?.key === key && now - asked.at < EARLY_MS ? asked.span : undefined;
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
  const isEnabled = isAsked(span, uids);
  const key = ["fitted span", span, uids.join(" ")];
  const { data } = useQuery({
    queryKey: [...key, now],
    queryFn: ({ signal }) =>
      takeEarlySpan(keyOf(span!, uids), now)?.catch(() => fittedSpan(uids, span!, now, signal)) ??
      fittedSpan(uids, span!, now, signal),
    enabled: isEnabled,
    placeholderData: (before: string | undefined, query) =>
      key.every((part, at) => query?.queryKey[at] === part) ? before : undefined,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  return isEnabled && data !== span ? data : undefined;
}
