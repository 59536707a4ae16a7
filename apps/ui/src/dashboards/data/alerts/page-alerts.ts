import type { QueryClient } from "@tanstack/react-query";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import {
  findSource,
  type Lookup,
  type Panel,
  type ResolvedTimeRange,
  type SourceListing,
  sourceRefOf,
} from "@narthex/dashboards";
import type { AnnotationRequest } from "../annotations/annotation-request.ts";
import type { ShownPanel } from "../../contracts/dashboard-annotation.ts";
import {
  alertMarks,
  type MarkContext,
  MAX_MARKS,
  rulesOnPlots,
  type Server,
  type ServerAlerts,
  silenceMarks,
} from "./alert-marks.ts";
import {
  type FetchedSilence,
  fetchAlerts,
  fetchRules,
  fetchSilences,
  expressionsOf,
  type KnownRules,
  MAX_ALERTS,
} from "./fetch-alerts.ts";
import { SeriesLabels, type WatchedPlot } from "./plot-alerts.ts";
import type { ReadMetric } from "./read-metrics.ts";
import { panelsOverTime } from "./panel-servers.ts";
import { sharedFetch } from "./shared-fetch.ts";
import type { MarkKind, WatchedPage } from "./use-alert-marks.ts";

/** Prefix of the query cache keys of the requests for rules, alerts and silences. */
const MARKS_KEY = "alert marks";
/** Time for which a server's rules are cached, ms. Rules seldom change. */
const RULES_KEPT_MS = 30_000;
/**
 * Time for which silences are cached, ms. The time is short, since a user who has created a silence expects to see it
 * after the next refresh.
 */
const SILENCES_KEPT_MS = 5_000;

/**
 * Turns off the comparison of new and cached data, because comparing thousands of rules costs more than using the new
 * objects.
 */
const WHOLE = { structuralSharing: false };

/** Maximum number of Prometheus servers of a dashboard whose alerts are read. */
const MAX_SERVERS = 3;

/**
 * Returns the request for the marks of alerts or silences on a dashboard, or an error message. Rules and silences that
 * both kinds of marks need are requested once.
 * @param now time of the last refresh, epoch ms
 */
export function alertMarksRequest(
  client: QueryClient,
  kind: MarkKind,
  page: WatchedPage,
  now: number,
): AnnotationRequest | string {
  // The error of a panel's query is shown in place of the marks, so that the error does not break the page.
  try {
    return requestOf(client, kind, page, now);
  } catch (error) {
    return `The queries of the panels could not be read: ${errorSentence(error)}`;
  }
}

function requestOf(client: QueryClient, kind: MarkKind, page: WatchedPage, now: number): AnnotationRequest {
  const { dashboard, sources, manager, lookup, scheme, shown } = page;
  const servers = page.servers.slice(0, MAX_SERVERS);
  const plotOf = plotReader(page);
  const all = panelsOverTime(dashboard.panels);
  const plots = (server: Server): readonly WatchedPlot[] =>
    all.map((panel) => plotOf({ panel, lookup, frames: [] }, server));
  const expressions = servers.map((source) => all.flatMap((panel) => readBy(panel, source, page, lookup)));
  return {
    key: JSON.stringify([
      kind,
      [...shown],
      dashboard.uid,
      servers.map(({ uid }) => uid),
      manager?.uid,
      scheme,
      expressions,
      sources.length,
    ]),
    run: async (range, signal) => {
      // The requested range does not extend beyond now. Otherwise active alerts would seem to end in the future.
      const past = { from: range.from, to: Math.min(range.to, now) };
      const [alerts, silences] = await Promise.all([
        Promise.all(servers.map((source) => fetchServer(client, source, plots, past, signal))),
        shown.has("silences") && manager !== undefined
          ? fetchKnownSilences(client, manager, kind, signal)
          : { all: [], error: undefined },
      ]);
      const known = alerts.filter((one) => one !== undefined);
      const surround: MarkContext = { range, scheme, manager, plotOf };
      const { marks, isCut } = (kind === "alerts" ? alertMarks : silenceMarks)(known, silences.all, surround);
      const notice = [
        page.servers.length > MAX_SERVERS &&
          `Alerts are shown only for the first ${MAX_SERVERS} servers of the panels.`,
        known.some((server) => server.isCut) && `Only ${MAX_ALERTS} alerts of a server are shown; there are more.`,
        isCut &&
          `Only the newest ${MAX_MARKS} are shown${kind === "alerts" ? ", firing alerts first" : ""}. Select a shorter time range to see the others.`,
        silences.error !== undefined && `Silences could not be loaded: ${silences.error}`,
        ...new Set(
          known.map(
            ({ pendingError }) => pendingError !== undefined && `Pending alerts could not be loaded: ${pendingError}`,
          ),
        ),
      ]
        .filter((sentence) => sentence !== false)
        .join(" ");
      return { marks: marks.toSorted((a, b) => a.time - b.time), ...(notice === "" ? {} : { notice }) };
    },
  };
}

async function fetchServer(
  client: QueryClient,
  source: SourceListing,
  plotsOf: (server: Server) => readonly WatchedPlot[],
  past: ResolvedTimeRange,
  signal: AbortSignal,
): Promise<ServerAlerts | undefined> {
  const known = await sharedFetch(
    client,
    {
      ...WHOLE,
      queryKey: [MARKS_KEY, source.uid, "rules"],
      queryFn: async ({ signal: until }) => (await fetchRules(source, until)) ?? null,
      staleTime: RULES_KEPT_MS,
    },
    signal,
  );
  signal.throwIfAborted();
  if (known === null) return undefined;
  const names = [...new Set(rulesOnPlots(known.rules, plotsOf({ source, known })).map(({ name }) => name))].toSorted();
  if (names.length === 0 || past.to <= past.from)
    return { source, known, alerts: [], isCut: false, pendingError: undefined };
  const fetched = await sharedFetch(
    client,
    {
      ...WHOLE,
      queryKey: [MARKS_KEY, source.uid, names, past],
      queryFn: ({ signal: until }) => fetchAlerts(source, names, past, until),
      // The answer is stale if the query for pending alerts failed, so that the next refresh sends it again.
      staleTime: ({ state }) => (state.data?.pendingError === undefined ? Infinity : 0),
    },
    signal,
  );
  return { source, known, ...fetched };
}

async function fetchKnownSilences(
  client: QueryClient,
  manager: SourceListing,
  kind: MarkKind,
  signal: AbortSignal,
): Promise<{ readonly all: readonly FetchedSilence[]; readonly error: string | undefined }> {
  try {
    const all = await sharedFetch(
      client,
      {
        ...WHOLE,
        queryKey: [MARKS_KEY, manager.uid, "silences"],
        queryFn: ({ signal: until }) => fetchSilences(manager, until),
        staleTime: SILENCES_KEPT_MS,
      },
      signal,
    );
    return { all, error: undefined };
  } catch (error) {
    // Marks alerts even if silences cannot be read, with a notice: the alerts may be silenced.
    if (kind === "alerts" && !signal.aborted) return { all: [], error: errorSentence(error) };
    throw error;
  }
}

/** Returns the PromQL expressions of a panel's queries to one data source. */
function readBy(panel: Panel, source: SourceListing, { sources }: WatchedPage, lookup: Lookup): readonly string[] {
  return expressionsOf(
    panel,
    (target) => findSource(sourceRefOf(target, panel), sources, lookup)?.uid === source.uid,
    lookup,
  );
}

/**
 * Returns a function that reads the metrics and labels of a panel, which decide which alerts are marked on it. The
 * result is cached as long as the panel shows the same data.
 */
function plotReader(page: WatchedPage): MarkContext["plotOf"] {
  const read = new WeakMap<ShownPanel, Map<KnownRules, WatchedPlot>>();
  return (shown, server) => {
    const known = read.get(shown) ?? new Map<KnownRules, WatchedPlot>();
    read.set(shown, known);
    const plot = known.get(server.known) ?? watchedPlot(shown, server, page);
    known.set(server.known, plot);
    return plot;
  };
}

function watchedPlot(shown: ShownPanel, { source, known }: Server, page: WatchedPage): WatchedPlot {
  const metrics = new Map<string, ReadMetric[]>();
  for (const expression of readBy(shown.panel, source, page, shown.lookup))
    for (const read of known.metrics.of(expression)) {
      const others = metrics.get(read.metric);
      if (others === undefined) metrics.set(read.metric, [read]);
      else others.push(read);
    }
  return { dashboardUid: page.dashboard.uid, panelId: shown.panel.id, metrics, series: new SeriesLabels(shown.frames) };
}
