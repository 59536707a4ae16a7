import { useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type Dashboard, NARROW_WIDTH_PX, type VariableOption } from "@narthex/dashboards";
import { useMemo } from "react";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { usePageTitle } from "../../shell/PageHeader.tsx";
import type { PanelAnnotation } from "../panels/panel-kind.ts";
import { plotTheme } from "../plot/plot-theme.ts";
import type { SourceListing } from "../query/ask-panel.ts";
import { DashboardBar } from "./DashboardBar.tsx";
import { DashboardContext, type DashboardContextValue } from "./dashboard-context.ts";
import { DashboardPanels } from "./DashboardPanels.tsx";
import { builtInLookup, dashboardLookup, type VariableStates, withVariables } from "./dashboard-scope.ts";
import { useDashboardTime } from "./use-dashboard-time.ts";
import { useDashboardVariables } from "./use-dashboard-variables.ts";

const none: VariableStates = new Map();
const noAnnotations: readonly PanelAnnotation[] = [];

/** A dashboard that is open: its controls and panels. */
export function OpenDashboard({
  dashboard,
  sources,
  tools,
  surface,
}: {
  dashboard: Dashboard;
  sources: readonly SourceListing[];
  /** Buttons beside the controls. */
  tools?: ReactNode;
  /** What stands in the place of the panels, while they are edited for example. */
  surface?: ReactNode;
}) {
  usePageTitle(dashboard.title);
  const [params, setParams] = useSearchParams();
  const scheme = useComputedColorScheme("light");
  const isNarrow = useMediaQuery(`(max-width: ${NARROW_WIDTH_PX}px)`) ?? false;
  const time = useDashboardTime(dashboard);
  const { raw, range, calendar, now, zone, setRange } = time;
  const builtIns = useMemo(() => builtInLookup(dashboard, range, zone), [dashboard, range, zone]);
  const states = useDashboardVariables({ dashboard, params, sources, range, builtIns });
  const context = useMemo(
    (): DashboardContextValue => ({
      dashboard,
      sources,
      raw,
      range,
      calendar,
      now,
      zone,
      theme: plotTheme(scheme),
      syncKey: dashboard.cursorSync === "off" ? undefined : `dashboard ${dashboard.uid}`,
      isTooltipShared: dashboard.cursorSync === "tooltip",
      annotations: noAnnotations,
      onZoom: ({ from, to }) => setRange({ from: String(from), to: String(to) }),
      lookupFor: (scoped) => dashboardLookup(states ?? none, builtIns, scoped),
    }),
    [dashboard, sources, raw, range, calendar, now, zone, scheme, setRange, states, builtIns],
  );
  const choose = (name: string, current: readonly VariableOption[]): void => {
    const state = states?.get(name);
    if (state !== undefined)
      setParams((before) => withVariables(before, new Map(states).set(name, { ...state, current })));
  };
  return (
    <DashboardContext value={context}>
      <div data-dashboard-uid={dashboard.uid} data-state={states === undefined ? "loading" : "ready"}>
        <DashboardBar
          dashboard={dashboard}
          time={time}
          states={states}
          isNarrow={isNarrow}
          lookup={dashboardLookup(states ?? none, builtIns)}
          onChoose={choose}
          tools={tools}
        />
        {surface ||
          (states !== undefined && <DashboardPanels dashboard={dashboard} states={states} isNarrow={isNarrow} />)}
      </div>
    </DashboardContext>
  );
}
