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

/** The time that a panel shows: the dashboard's, or one of its own. */
export interface PanelTime {
  readonly raw: RawTimeRange;
  /** Undefined where what the panel says means none. */
  readonly range: ResolvedTimeRange | undefined;
  /** Of its own time, for the reader: `Last 2 hours timeshift -1d`. Empty where it is the dashboard's. */
  readonly words: string;
}

/** A period of the past that is asked for too. */
export interface EarlierRequest {
  readonly period: EarlierPeriod;
  /** Names as they are within it. */
  readonly lookup: Lookup;
}

/** What a panel's answer depends on. */
export interface PanelRequest {
  readonly panel: Panel;
  /** Names as they are within the panel's time. */
  readonly lookup: Lookup;
  readonly time: PanelTime;
  /** What the panel is compared with; absent: nothing. */
  readonly earlier?: EarlierRequest | undefined;
  readonly zone: string;
  readonly sources: readonly SourceListing[];
  readonly filters: SourceFilters;
  /** Names of variables that are still being filled. */
  readonly pending: ReadonlySet<string>;
  /** Of the last refresh, epoch ms. */
  readonly now: number;
  /** Of the panel's content, CSS pixels. */
  readonly width: number;
  /** The request of another panel of the dashboard, whose answers this one shows too. */
  readonly lentBy: (panelId: number) => PanelRequest | undefined;
}

/** What a panel's request takes from the open dashboard. */
interface Surround extends Pick<PanelRequest, "zone" | "sources" | "filters" | "pending" | "now"> {
  readonly dashboard: Pick<Dashboard, "panels">;
  readonly lookupFor: (scoped: ReadonlyMap<string, BoundVariable>, own?: ResolvedTimeRange) => Lookup;
  readonly raw: RawTimeRange;
  readonly range: ResolvedTimeRange;
  readonly calendar: CalendarSettings;
  /** How far back the period lies that panels are compared with; empty: they are not. */
  readonly compare: string;
}

/** Pixels that steps are worked out for where no panel is drawn: about those of the page that opens. */
export const EXPLORED_WIDTH = 1000;

export const noScope: ReadonlyMap<string, BoundVariable> = new Map();

/** @param scoped variables whose value is another than the dashboard's in this repeat */
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

/** What a panel of the dashboard is asked with. */
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

/** The earlier period of a panel of a kind that shows one. */
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

/** A panel by its id, within a collapsed row too. */
function findPanel(panels: readonly Panel[], id: number): Panel | undefined {
  for (const panel of panels) {
    if (panel.id === id) return panel;
    const within = panel.panels.find((one) => one.id === id);
    if (within !== undefined) return within;
  }
  return undefined;
}
