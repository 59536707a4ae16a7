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

/** What the panels of an open dashboard share. A new object is made when any of it changes, with each refresh for one. */
export interface DashboardContextValue {
  readonly dashboard: Dashboard;
  readonly sources: readonly SourceListing[];
  /** Conditions that queries take on. */
  readonly filters: SourceFilters;
  readonly states: VariableStates;
  /** Names of variables that are being filled. */
  readonly pending: ReadonlySet<string>;
  /** The panels' answers. */
  readonly feeds: PanelFeeds;
  readonly raw: RawTimeRange;
  readonly range: ResolvedTimeRange;
  readonly calendar: CalendarSettings;
  /** How far back the period lies that panels are compared with, `1d` for one; empty: they are not. */
  readonly compare: string;
  /** Epoch ms, of the last refresh. */
  readonly now: number;
  readonly zone: string;
  readonly theme: PlotTheme;
  readonly syncKey: string | undefined;
  readonly isTooltipShared: boolean;
  /** Marks on panels' axes of times, in the order of their times. */
  readonly annotations: readonly DashboardAnnotation[];
  /** Whether the reader may make marks, and change those that the role keeps. */
  readonly canAnnotate: boolean;
  /** Asks for the marks once more. */
  readonly reloadAnnotations: () => void;
  readonly onZoom: (range: ResolvedTimeRange) => void;
  /**
   * The names that texts may hold.
   *
   * @param scoped variables of a repeat, which stand before the dashboard's
   * @param own range of a panel that has another than the dashboard
   */
  readonly lookupFor: (scoped: ReadonlyMap<string, BoundVariable>, own?: ResolvedTimeRange) => Lookup;
}

export const DashboardContext = createContext<DashboardContextValue | null>(null);

/** The dashboard around a panel. */
export function useDashboardContext(): DashboardContextValue {
  const context = use(DashboardContext);
  if (context === null) throw new Error("a panel is drawn outside of a dashboard");
  return context;
}
