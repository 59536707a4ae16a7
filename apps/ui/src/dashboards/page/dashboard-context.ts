import type {
  BoundVariable,
  CalendarSettings,
  Dashboard,
  Lookup,
  RawTimeRange,
  ResolvedTimeRange,
} from "@narthex/dashboards";
import { createContext, use } from "react";
import type { DashboardAnnotation } from "../annotations/dashboard-annotation.ts";
import type { PanelFeeds } from "../panel/panel-feeds.ts";
import type { PlotTheme } from "../plot/plot-theme.ts";
import type { SourceListing } from "../query/ask-panel.ts";
import type { VariableStates } from "./dashboard-scope.ts";
import type { SourceFilters } from "../query/source-filters.ts";

/**
 * Data that the panels of an open dashboard share. A new object is created when any of it changes, for example at each
 * refresh.
 */
export interface DashboardContextValue {
  readonly dashboard: Dashboard;
  readonly sources: readonly SourceListing[];
  /** Filters that are added to queries. */
  readonly filters: SourceFilters;
  readonly states: VariableStates;
  /** Names of the variables whose values are loading. */
  readonly pending: ReadonlySet<string>;
  /** The results of the panels' queries. */
  readonly feeds: PanelFeeds;
  readonly raw: RawTimeRange;
  readonly range: ResolvedTimeRange;
  readonly calendar: CalendarSettings;
  /** Distance of the earlier period with which panels are compared, for example `1d`; empty for no comparison. */
  readonly compare: string;
  /** Time of the last refresh, epoch ms. */
  readonly now: number;
  readonly zone: string;
  readonly theme: PlotTheme;
  readonly syncKey: string | undefined;
  readonly isTooltipShared: boolean;
  /** Marks on the panels' time axes, ordered by time. */
  readonly annotations: readonly DashboardAnnotation[];
  /** Whether the user may create marks, and change those that the server stores. */
  readonly canAnnotate: boolean;
  /** Requests the marks again. */
  readonly reloadAnnotations: () => void;
  readonly onZoom: (range: ResolvedTimeRange) => void;
  /**
   * Returns the variables for the texts of a panel.
   *
   * @param scoped variables of a repeat, which override those of the dashboard
   * @param own time range of the panel, if it differs from that of the dashboard
   */
  readonly lookupFor: (scoped: ReadonlyMap<string, BoundVariable>, own?: ResolvedTimeRange) => Lookup;
}

export const DashboardContext = createContext<DashboardContextValue | null>(null);

/** Returns the dashboard that contains a panel. */
export function useDashboardContext(): DashboardContextValue {
  const context = use(DashboardContext);
  if (context === null) throw new Error("a panel is drawn outside of a dashboard");
  return context;
}
