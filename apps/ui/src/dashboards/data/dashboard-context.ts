import type {
  BoundVariable,
  CalendarSettings,
  Dashboard,
  Lookup,
  RawTimeRange,
  ResolvedTimeRange,
  SourceFilters,
  SourceListing,
  VariableOption,
  VariableStates,
} from "@narthex/dashboards";
import { createContext, use } from "react";
import type { DashboardAnnotation } from "../contracts/dashboard-annotation.ts";
import type { PanelFeeds } from "./panel/panel-feeds.ts";
import type { PlotTheme } from "../../plot/plot-theme.ts";

/**
 * Data that all panels of an open dashboard share. A new object is created when any of the data changes, for example at
 * each refresh.
 */
export interface DashboardContextValue {
  readonly dashboard: Dashboard;
  readonly sources: readonly SourceListing[];
  /** Ad hoc filters, which are added to the queries of their data sources. */
  readonly filters: SourceFilters;
  readonly states: VariableStates;
  /** Names of the variables whose values are loading. */
  readonly pending: ReadonlySet<string>;
  /** The objects that request the panels' queries and keep their results. */
  readonly feeds: PanelFeeds;
  /** The time range in the URL, otherwise the dashboard's own range. */
  readonly raw: RawTimeRange;
  /** The time range that is shown: `raw`, or a shorter one while there is not enough data. */
  readonly shown: RawTimeRange;
  readonly range: ResolvedTimeRange;
  readonly calendar: CalendarSettings;
  /** How far back the compared time range is, such as `1d`. Empty for no comparison. */
  readonly compare: string;
  /** Time of the last refresh, epoch ms. */
  readonly now: number;
  readonly zone: string;
  readonly theme: PlotTheme;
  readonly syncKey: string | undefined;
  readonly isTooltipShared: boolean;
  /** Annotations, alerts and silences that are marked on the panels' time axes, ordered by time. */
  readonly annotations: readonly DashboardAnnotation[];
  /** Whether the user may create annotations and change those that the server stores. */
  readonly canAnnotate: boolean;
  /** Requests the annotations again. */
  readonly reloadAnnotations: () => void;
  readonly onZoom: (range: ResolvedTimeRange) => void;
  /** Selects values of a variable. */
  readonly choose: (name: string, options: readonly VariableOption[]) => void;
  /**
   * Returns the function that looks up variables in the texts of a panel.
   * @param scoped variables of a repeated panel, which override the dashboard's variables of the same names
   * @param own time range of the panel, if it differs from the dashboard's range
   */
  readonly lookupFor: (scoped?: ReadonlyMap<string, BoundVariable>, own?: ResolvedTimeRange) => Lookup;
}

export const DashboardContext = createContext<DashboardContextValue | null>(null);

/** Returns the context of the dashboard that contains the calling component. */
export function useDashboardContext(): DashboardContextValue {
  const context = use(DashboardContext);
  if (context === null) throw new Error("a panel is drawn outside of a dashboard");
  return context;
}
