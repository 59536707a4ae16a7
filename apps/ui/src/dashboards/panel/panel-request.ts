import {
  type BoundVariable,
  type CalendarSettings,
  type Dashboard,
  describeRange,
  earlierPeriod,
  type EarlierPeriod,
  interpolate,
  type Lookup,
  type Panel,
  panelTimeRange,
  type RawTimeRange,
  type ResolvedTimeRange,
} from "@narthex/dashboards";
import { panelKindOf } from "../panels/registry.ts";
import type { SourceListing } from "../query/ask-panel.ts";
import type { SourceFilters } from "../query/source-filters.ts";

/** The time range of a panel: the dashboard's, or its own. */
export interface PanelTime {
  readonly raw: RawTimeRange;
  /** Undefined if the panel's own range is invalid. */
  readonly range: ResolvedTimeRange | undefined;
  /** Text of the panel's own time: `Last 2 hours timeshift -1d`. Empty if it uses the dashboard's. */
  readonly words: string;
}

/** An earlier period that is requested for a comparison. */
interface EarlierRequest {
  readonly period: EarlierPeriod;
  /** Values of variables within this period. */
  readonly lookup: Lookup;
}

/** All inputs of a panel's queries. */
export interface PanelRequest {
  readonly panel: Panel;
  /** Values of variables within the panel's time. */
  readonly lookup: Lookup;
  readonly time: PanelTime;
  /** The comparison period; undefined for none. */
  readonly earlier?: EarlierRequest | undefined;
  readonly zone: string;
  readonly sources: readonly SourceListing[];
  readonly filters: SourceFilters;
  /** Names of variables whose values are still loading. */
  readonly pending: ReadonlySet<string>;
  /** Time of the last refresh, epoch ms. */
  readonly now: number;
  /** Width of the panel's content, CSS pixels. */
  readonly width: number;
  /** Returns the request of another panel of the dashboard, whose answers this panel borrows. */
  readonly lentBy: (panelId: number) => PanelRequest | undefined;
}

/** The part of an open dashboard on which a panel's request depends. */
interface Surround extends Pick<PanelRequest, "zone" | "sources" | "filters" | "pending" | "now"> {
  readonly dashboard: Pick<Dashboard, "panels">;
  readonly lookupFor: (scoped: ReadonlyMap<string, BoundVariable>, own?: ResolvedTimeRange) => Lookup;
  readonly raw: RawTimeRange;
  readonly range: ResolvedTimeRange;
  readonly calendar: CalendarSettings;
  /** Distance of the earlier period with which panels are compared; empty for no comparison. */
  readonly compare: string;
}

/** Width from which steps are computed if no panel is drawn, pixels; about that of the page that opens. */
export const EXPLORED_WIDTH = 1000;

export const noScope: ReadonlyMap<string, BoundVariable> = new Map();

/** @param scoped variables whose values in this repeat differ from the dashboard's */
export function panelTime(
  { timeFrom = "", timeShift = "" }: Pick<Panel, "timeFrom" | "timeShift">,
  scoped: ReadonlyMap<string, BoundVariable>,
  { raw, range, calendar, lookupFor }: Pick<Surround, "raw" | "range" | "calendar" | "lookupFor">,
): PanelTime {
  if (timeFrom === "" && timeShift === "") return { raw, range, words: "" };
  const lookup = lookupFor(scoped);
  const [from, shift] = [timeFrom, timeShift].map((text) => interpolate(text, lookup, "raw")) as [string, string];
  const own = panelTimeRange(raw, { timeFrom: from, timeShift: shift }, calendar);
  const length = from === "" ? "" : (describeRange({ from: `now-${from}`, to: "now" }) ?? from);
  const words = [length, shift === "" ? "" : `timeshift -${shift.replace(/^-/, "")}`].filter((part) => part !== "");
  return {
    raw: own?.raw ?? raw,
    range: own === undefined ? undefined : { from: own.from, to: own.to },
    words: words.join(" "),
  };
}

/** Returns the request of a panel of the dashboard. */
export function panelRequest(
  panel: Panel,
  scoped: ReadonlyMap<string, BoundVariable>,
  width: number,
  context: Surround,
): PanelRequest {
  const time = panelTime(panel, scoped, context);
  const { zone, sources, filters, pending, now } = context;
  return {
    panel,
    lookup: context.lookupFor(scoped, time.range),
    time,
    earlier: earlierRequest(panel, scoped, time, context),
    zone,
    sources,
    filters,
    pending,
    now,
    width,
    lentBy: (panelId) => {
      const lender = findPanel(context.dashboard.panels, panelId);
      return lender === undefined ? undefined : panelRequest(lender, noScope, width, context);
    },
  };
}

/** Returns the request for the earlier period, if the panel's kind can show one. */
function earlierRequest(
  { type }: Panel,
  scoped: ReadonlyMap<string, BoundVariable>,
  { range }: PanelTime,
  { compare, calendar, lookupFor }: Pick<Surround, "compare" | "calendar" | "lookupFor">,
): EarlierRequest | undefined {
  if (compare === "" || range === undefined || panelKindOf(type)?.showsEarlier !== true) return undefined;
  const period = earlierPeriod(compare, range, calendar);
  return period === undefined ? undefined : { period, lookup: lookupFor(scoped, period.range) };
}

/** Returns a panel by its id, also inside a collapsed row. */
function findPanel(panels: readonly Panel[], id: number): Panel | undefined {
  for (const panel of panels) {
    if (panel.id === id) return panel;
    const within = panel.panels.find((one) => one.id === id);
    if (within !== undefined) return within;
  }
  return undefined;
}
