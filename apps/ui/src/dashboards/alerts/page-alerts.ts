import type { Lookup, Panel, ResolvedTimeRange } from "@narthex/dashboards";
import { monotonicMs, nowMs } from "../../time/browser-clock.ts";
import { type AnnotationData, AnnotationFeed } from "../annotations/annotation-feed.ts";
import type { AnnotationRequest } from "../annotations/annotation-request.ts";
import type { ShownPanel } from "../annotations/dashboard-annotation.ts";
import { findSource, type SourceListing, sourceRefOf } from "../query/ask-panel.ts";
import {
  alertMarks,
  type MarkSurround,
  rulesOnPlots,
  type Server,
  type ServerAlerts,
  silenceMarks,
} from "./alert-marks.ts";
import { type AskedSilence, askFiring, askRules, askSilences, expressionsOf, type KnownRules } from "./ask-alerts.ts";
import type { FiringAlert } from "./firing-alerts.ts";
import { SeriesLabels, type WatchedPlot } from "./plot-alerts.ts";
import type { ReadMetric } from "./read-metrics.ts";
import { timePlots } from "./time-plots.ts";
import type { MarkKind, WatchedPage } from "./use-alert-marks.ts";

/** Rules seldom change: within this time they are not asked for once more. */
const RULES_AGE_MS = 30_000;

/** The marks of a page's alerts and silences. What both need is asked for once. */
export class PageAlerts {
  readonly #feeds: Readonly<Record<MarkKind, AnnotationFeed>>;
  readonly #control = new AbortController();
  readonly #rules = new Map<string, { readonly at: number; readonly asked: Promise<KnownRules | undefined> }>();
  readonly #latest = new Map<string, { readonly key: string; readonly asked: Promise<unknown> }>();

  constructor(onChange: () => void) {
    this.#feeds = { alerts: new AnnotationFeed(onChange), silences: new AnnotationFeed(onChange) };
  }

  data(kind: MarkKind): AnnotationData {
    return this.#feeds[kind].data;
  }

  /** Asks for the marks of the kinds that are shown. */
  ask(page: WatchedPage, range: ResolvedTimeRange): void {
    for (const kind of ["alerts", "silences"] as const) {
      if (page.shown.has(kind)) this.#feeds[kind].ask(this.#request(kind, page), range);
      else this.#feeds[kind].close();
    }
  }

  /** Ends what is on its way. */
  close(): void {
    this.#control.abort();
    for (const feed of Object.values(this.#feeds)) feed.close();
  }

  #request(kind: MarkKind, page: WatchedPage): AnnotationRequest {
    const { dashboard, sources, servers, manager, lookup, scheme, shown } = page;
    const plotOf = plotReader(page);
    const all = timePlots(dashboard.panels);
    const plots = (server: Server): readonly WatchedPlot[] =>
      all.map((panel) => plotOf({ panel, lookup, frames: [] }, server));
    const expressions = servers.map((source) => all.flatMap((panel) => readBy(panel, source, page, lookup)));
    return {
      key: JSON.stringify([kind, [...shown], dashboard.uid, manager?.uid, scheme, expressions, sources.length]),
      run: async (range) => {
        const [alerts, silences] = await Promise.all([
          Promise.all(servers.map((source) => this.#server(source, plots, range))),
          shown.has("silences") && manager !== undefined ? this.#silences(manager, range, kind) : [],
        ]);
        const known = alerts.filter((one) => one !== undefined);
        const surround: MarkSurround = { range, scheme, manager, plotOf };
        const marks =
          kind === "alerts"
            ? known.flatMap((server) => alertMarks(server, silences, surround))
            : silenceMarks(known, silences, surround);
        return marks.toSorted((a, b) => a.time - b.time);
      },
    };
  }

  async #server(
    source: SourceListing,
    plotsOf: (server: Server) => readonly WatchedPlot[],
    range: ResolvedTimeRange,
  ): Promise<ServerAlerts | undefined> {
    const known = await this.#rulesOf(source);
    if (known === undefined) return undefined;
    const names = [
      ...new Set(rulesOnPlots(known.rules, plotsOf({ source, known })).map(({ name }) => name)),
    ].toSorted();
    // What lies ahead has no alerts yet, and none that ends there.
    const past = { from: range.from, to: Math.min(range.to, nowMs()) };
    if (names.length === 0 || past.to <= past.from) return { source, known, firing: [] };
    const key = JSON.stringify([names, range]);
    const firing = await this.#shared(`firing ${source.uid}`, key, () =>
      askFiring(source, names, past, this.#control.signal),
    );
    return { source, known, firing: firing as readonly FiringAlert[] };
  }

  #rulesOf(source: SourceListing): Promise<KnownRules | undefined> {
    const kept = this.#rules.get(source.uid);
    if (kept !== undefined && monotonicMs() - kept.at < RULES_AGE_MS) return kept.asked;
    const asked = askRules(source, this.#control.signal);
    this.#rules.set(source.uid, { at: monotonicMs(), asked });
    asked.catch(() => this.#rules.delete(source.uid));
    return asked;
  }

  async #silences(manager: SourceListing, range: ResolvedTimeRange, kind: MarkKind): Promise<readonly AskedSilence[]> {
    try {
      const ask = () => askSilences(manager, this.#control.signal);
      return (await this.#shared("silences", JSON.stringify([manager.uid, range]), ask)) as readonly AskedSilence[];
    } catch (error) {
      // Alerts are there without them; the switch of silences says why they are not.
      if (kind === "alerts") return [];
      throw error;
    }
  }

  /** What two ask for at the same time is asked once. */
  #shared(what: string, key: string, ask: () => Promise<unknown>): Promise<unknown> {
    const latest = this.#latest.get(what);
    if (latest?.key === key) return latest.asked;
    const asked = ask();
    this.#latest.set(what, { key, asked });
    asked.catch(() => this.#latest.delete(what));
    return asked;
  }
}

/** The expressions that a panel has for a source. */
function readBy(panel: Panel, source: SourceListing, { sources }: WatchedPage, lookup: Lookup): readonly string[] {
  return expressionsOf(
    panel,
    (target) => findSource(sourceRefOf(target, panel), sources, lookup)?.uid === source.uid,
    lookup,
  );
}

/** Reads a panel as alerts see it, once for as long as it shows the same. */
function plotReader(page: WatchedPage): MarkSurround["plotOf"] {
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
