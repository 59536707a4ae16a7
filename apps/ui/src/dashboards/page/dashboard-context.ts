import type {
  BoundVariable,
  CalendarSettings,
  Dashboard,
  Lookup,
  RawTimeRange,
  ResolvedTimeRange,
} from "@narthex/dashboards";
import { createContext, use } from "react";
import type { PanelAnnotation } from "../panels/panel-kind.ts";
import type { PlotTheme } from "../plot/plot-theme.ts";
import type { SourceListing } from "../query/ask-panel.ts";

/** What the panels of an open dashboard share. A new object is made when any of it changes, with each refresh for one. */
export interface DashboardContextValue {
  readonly dashboard: Dashboard;
  readonly sources: readonly SourceListing[];
  readonly raw: RawTimeRange;
  readonly range: ResolvedTimeRange;
  readonly calendar: CalendarSettings;
  /** Epoch ms, of the last refresh. */
  readonly now: number;
  readonly zone: string;
  readonly theme: PlotTheme;
  readonly syncKey: string | undefined;
  readonly isTooltipShared: boolean;
  /** Marks on every panel's axis of times, in the order of their times. */
  readonly annotations: readonly PanelAnnotation[];
  readonly onZoom: (range: ResolvedTimeRange) => void;
  /** The names that texts may hold. @param scoped variables of a repeat, which stand before the dashboard's */
  readonly lookupFor: (scoped: ReadonlyMap<string, BoundVariable>) => Lookup;
}

export const DashboardContext = createContext<DashboardContextValue | null>(null);

/** The dashboard around a panel. */
export function useDashboardContext(): DashboardContextValue {
  const context = use(DashboardContext);
  if (context === null) throw new Error("a panel is drawn outside of a dashboard");
  return context;
}
