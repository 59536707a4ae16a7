import {
  type BoundVariable,
  type CalendarSettings,
  type Dashboard,
  describeRange,
  type EarlierPeriod,
  earlierPeriod,
  interpolate,
  type Lookup,
  type Panel,
  panelKindOf,
  panelTimeRange,
  type RawTimeRange,
  type ResolvedTimeRange,
  type SourceFilters,
  type SourceListing,
} from "@narthex/dashboards";

/** Time range of a panel: its own or, by default, the dashboard's. */
export interface PanelTime {
  readonly raw: RawTimeRange;
  /** Resolved time range; undefined if the panel's own range is invalid. */
  readonly range: ResolvedTimeRange | undefined;
  /**
   * Text that describes the panel's own range: `Last 2 hours timeshift -1d`. Empty if the panel uses the dashboard's
   * range.
   */
  readonly words: string;
}

/** The earlier time range for which a panel's queries are also sent, for comparison. */
interface EarlierRequest {
  readonly period: EarlierPeriod;
  /** Looks up variable values for queries in the earlier time range. */
  readonly lookup: Lookup;
}

/** The inputs from which the queries of a panel are computed. */
export interface PanelRequest {
  readonly panel: Panel;
  /** Looks up variables for queries within the panel's time range. */
  readonly lookup: Lookup;
  readonly time: PanelTime;
  /** The earlier time range for comparison, or undefined. */
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
  /** Returns the request of another panel of the dashboard whose results this panel shows. */
  readonly requestOf: (panelId: number) => PanelRequest | undefined;
}

/** The properties of an open dashboard that determine the requests of its panels. */
interface RequestContext extends Pick<PanelRequest, "zone" | "sources" | "filters" | "pending" | "now"> {
  readonly dashboard: Pick<Dashboard, "panels">;
  readonly lookupFor: (scoped?: ReadonlyMap<string, BoundVariable>, own?: ResolvedTimeRange) => Lookup;
  readonly raw: RawTimeRange;
  readonly range: ResolvedTimeRange;
  readonly calendar: CalendarSettings;
  /** How far back the compared time range is, such as `1d`. Empty for no comparison. */
  readonly compare: string;
}

/**
 * Assumed width in pixels of a panel that is not drawn, from which the step of its queries is computed. The width is
 * about that of the Explore page.
 */
export const EXPLORED_WIDTH = 1000;

export const noScope: ReadonlyMap<string, BoundVariable> = new Map();

/** @param scoped variables whose values in this repeat differ from the dashboard's */
export function panelTime(
  { timeFrom = "", timeShift = "" }: Pick<Panel, "timeFrom" | "timeShift">,
  scoped: ReadonlyMap<string, BoundVariable>,
  { raw, range, calendar, lookupFor }: Pick<RequestContext, "raw" | "range" | "calendar" | "lookupFor">,
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

export function panelRequest(
  panel: Panel,
  scoped: ReadonlyMap<string, BoundVariable>,
  width: number,
  context: RequestContext,
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
    requestOf: (panelId) => {
      const other = findPanel(context.dashboard.panels, panelId);
      return other === undefined ? undefined : panelRequest(other, noScope, width, context);
    },
  };
}

/** Returns the request for the earlier time range, if the panel type supports comparisons. */
function earlierRequest(
  { type }: Panel,
  scoped: ReadonlyMap<string, BoundVariable>,
  { range }: PanelTime,
  { compare, calendar, lookupFor }: Pick<RequestContext, "compare" | "calendar" | "lookupFor">,
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
