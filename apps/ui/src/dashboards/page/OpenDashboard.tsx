import { useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type Dashboard, NARROW_WIDTH_PX, type VariableOption } from "@narthex/dashboards";
import { useEffect, useMemo } from "react";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { classesOf } from "../../shell/style-sheet.ts";
import { usePageTitle } from "../../shell/PageHeader.tsx";
import type { PanelAnnotation } from "../panels/panel-kind.ts";
import { plotTheme } from "../plot/plot-theme.ts";
import type { SourceListing } from "../query/ask-panel.ts";
import { namedPanel, renewedAddress } from "../panel/menu/panel-address.ts";
import { DashboardActions } from "./DashboardActions.tsx";
import type { DashboardMeta } from "./dashboard-api.ts";
import { DashboardBar } from "./DashboardBar.tsx";
import { DashboardContext, type DashboardContextValue } from "./dashboard-context.ts";
import { DashboardBody, OnePanel } from "./DashboardBody.tsx";
import { builtInLookup, dashboardLookup, type VariableStates, withVariables } from "./dashboard-scope.ts";
import styles from "./OpenDashboard.module.css";
import { noParts, pageParts } from "./page-parts.ts";
import { useDashboardTime } from "./use-dashboard-time.ts";
import { useDashboardVariables } from "./use-dashboard-variables.ts";

const css = classesOf(styles);

const none: VariableStates = new Map();
const noAnnotations: readonly PanelAnnotation[] = [];

/** A dashboard that is open: its controls and panels. */
export function OpenDashboard({
  dashboard,
  meta,
  sources,
  solo,
  tools,
  surface,
}: {
  dashboard: Dashboard;
  meta: DashboardMeta;
  sources: readonly SourceListing[];
  /** The key of the only panel that is shown, without anything around it. */
  solo?: string | undefined;
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
  const viewed = namedPanel(params, "viewPanel");
  const parts = solo === undefined ? pageParts(params) : noParts;
  const layout = solo !== undefined ? css("solo") : viewed !== null && !surface ? css("viewed") : "";
  const renewed = renewedAddress(params)?.toString();
  useEffect(() => {
    if (renewed !== undefined) setParams(new URLSearchParams(renewed), { replace: true });
  }, [renewed, setParams]);
  const root = { "data-dashboard-uid": dashboard.uid, "data-state": states === undefined ? "loading" : "ready" };
  return (
    <DashboardContext value={context}>
      <div {...root} className={layout}>
        <DashboardBar
          dashboard={dashboard}
          time={time}
          states={states}
          isNarrow={isNarrow}
          lookup={dashboardLookup(states ?? none, builtIns)}
          onChoose={choose}
          tools={tools}
          parts={parts}
        />
        {surface}
        {states !== undefined && solo !== undefined && <OnePanel dashboard={dashboard} states={states} wanted={solo} />}
        {states !== undefined && solo === undefined && !surface && (
          <DashboardActions dashboard={dashboard} meta={meta} states={states}>
            <DashboardBody dashboard={dashboard} states={states} isNarrow={isNarrow} viewed={viewed} />
          </DashboardActions>
        )}
      </div>
    </DashboardContext>
  );
}
