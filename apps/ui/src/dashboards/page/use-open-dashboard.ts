import { useComputedColorScheme } from "@mantine/core";
import {
  type Dashboard,
  dashboardNames,
  type DashboardScope,
  type Lookup,
  rangeNames,
  scopeLookup,
  sourceFilters,
  type SourceListing,
  type VariableOption,
  withVariables,
} from "@narthex/dashboards";
import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import type { AdHocSuggestions } from "../controls/AdHocFilters.tsx";
import type { MarkSwitch } from "../data/annotations/use-annotations.ts";
import { PanelFeeds } from "../data/panel/panel-feeds.ts";
import { noScope } from "../data/panel/panel-request.ts";
import { plotTheme } from "../../plot/plot-theme.ts";
import { PanelQueryBatcher } from "../data/panel-query-batcher.ts";
import { adHocSuggestions } from "./ad-hoc-suggestions.ts";
import type { DashboardContextValue } from "../data/dashboard-context.ts";
import { useFittedSpan } from "../data/fitted-span.ts";
import { type DashboardTime, hasRange, useDashboardTime } from "./use-dashboard-time.ts";
import { type DashboardVariables, useDashboardVariables } from "./use-dashboard-variables.ts";
import { usePageMarks } from "./use-page-marks.ts";
import { useVisit } from "./use-visit.ts";

/** State of an open dashboard: the data that its panels share, and the data and actions of its controls. */
export interface OpenedDashboard {
  readonly context: DashboardContextValue;
  readonly time: DashboardTime;
  readonly variables: DashboardVariables;
  /** Looks up variable values for the dashboard's texts. */
  readonly lookup: Lookup;
  /** Kinds of marks on time axes (annotation queries, alerts, silences), with the state of their switches. */
  readonly marks: readonly MarkSwitch[];
  readonly suggestions: AdHocSuggestions;
  readonly choose: (name: string, options: readonly VariableOption[]) => void;
}

export function useOpenDashboard(
  dashboard: Dashboard,
  sources: readonly SourceListing[],
  canEdit: boolean,
): OpenedDashboard {
  const [params, setParams] = useSearchParams();
  const scheme = useComputedColorScheme("light");
  const [fittedSpan, setFittedSpan] = useState<string>();
  const time = useDashboardTime(dashboard, fittedSpan);
  const { raw, shown, range, calendar, compare, now, zone, setRange } = time;
  const names = useNames(dashboard, zone);
  const builtIns = useMemo(() => rangeNames(range, names), [range, names]);
  const variables = useDashboardVariables({ dashboard, params, sources, range, builtIns, now });
  const { states, pending } = variables;
  const choose = useChooser(variables, setParams);
  const [feeds] = useState(() => new PanelFeeds(new PanelQueryBatcher().send));
  const scope = useMemo((): DashboardScope => ({ states, raw, range, names }), [states, raw, range, names]);
  const lookup = useMemo(() => scopeLookup(scope), [scope]);
  // The time range that fits the data is set for the next rendering, because the data sources may depend on variables,
  // and their values on the time range.
  const fitted = useFittedSpan(dashboard, sources, lookup, now, hasRange(params));
  if (fitted !== fittedSpan) setFittedSpan(fitted);
  const filters = useMemo(() => sourceFilters(states, sources, lookup), [states, sources, lookup]);
  const marks = usePageMarks({ dashboard, sources, lookup, isReady: pending.size === 0, range, now, scheme });
  const theme = useMemo(() => plotTheme(scheme), [scheme]);
  const onZoom = useZoom(setRange);
  const period = useMemo(
    () => ({ raw, shown, range, calendar, compare, now, zone }),
    [raw, shown, range, calendar, compare, now, zone],
  );
  const context = useMemo(
    (): DashboardContextValue => ({
      dashboard,
      sources,
      filters,
      states,
      pending,
      feeds,
      ...period,
      theme,
      syncKey: dashboard.cursorSync === "off" ? undefined : `dashboard ${dashboard.uid}`,
      isTooltipShared: dashboard.cursorSync === "tooltip",
      annotations: marks.shown,
      canAnnotate: canEdit && dashboard.uid !== "",
      reloadAnnotations: marks.reload,
      onZoom,
      choose,
      lookupFor: (scoped = noScope, own) => scopeLookup(scope, scoped, own),
    }),
    [
      dashboard,
      sources,
      filters,
      states,
      pending,
      feeds,
      period,
      theme,
      onZoom,
      choose,
      scope,
      marks.shown,
      marks.reload,
      canEdit,
    ],
  );
  const suggestions = useMemo(() => adHocSuggestions(sources, builtIns, range), [sources, builtIns, range]);
  return { context, time, variables, lookup, marks: marks.switches, suggestions, choose };
}

const useZoom = (setRange: DashboardTime["setRange"]): DashboardContextValue["onZoom"] =>
  useCallback(({ from, to }) => setRange({ from: String(from), to: String(to) }), [setRange]);

function useNames(dashboard: Dashboard, zone: string): ReturnType<typeof dashboardNames> {
  const visit = useVisit(dashboard);
  const { uid, title } = dashboard;
  return useMemo(() => dashboardNames({ uid, title }, zone, visit), [uid, title, zone, visit]);
}

/**
 * Returns the function that selects values of a variable. The selected values are written to the address, except for
 * variables whose `skipUrlSync` is set.
 */
function useChooser(
  { states, keepChosen }: DashboardVariables,
  setParams: (change: (before: URLSearchParams) => URLSearchParams) => void,
): OpenedDashboard["choose"] {
  return useCallback(
    (name, current) => {
      const state = states.get(name);
      if (state === undefined) return;
      if (state.variable.skipUrlSync) keepChosen(name, current);
      else setParams((before) => withVariables(before, new Map(states).set(name, { ...state, current })));
    },
    [states, keepChosen, setParams],
  );
}
