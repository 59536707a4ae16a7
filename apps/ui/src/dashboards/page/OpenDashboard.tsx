import { useMediaQuery } from "@mantine/hooks";
import { type Dashboard, NARROW_WIDTH_PX, type Panel, type SourceListing } from "@narthex/dashboards";
import { useEffect } from "react";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { classesOf } from "../../shell/style-sheet.ts";
import { usePageTitle } from "../../shell/PageHeader.tsx";
import { namedPanel, renewedAddress } from "../panel/menu/panel-address.ts";
import { DashboardActions } from "./DashboardActions.tsx";
import type { DashboardMeta } from "../data/dashboard-api.ts";
import { DashboardBar } from "./DashboardBar.tsx";
import { DashboardContext } from "../data/dashboard-context.ts";
import type { Findings } from "./DashboardFindings.tsx";
import { DashboardBody, OnePanel } from "./DashboardBody.tsx";
import { DashboardTools } from "./DashboardTools.tsx";
import styles from "./OpenDashboard.module.css";
import { isPrinted, noParts, pageParts } from "./page-parts.ts";
import { SourceFailures } from "./failures/SourceFailures.tsx";
import { useDrawnSignal } from "./print/use-drawn-signal.ts";
import { useOpenDashboard } from "./use-open-dashboard.ts";

const css = classesOf(styles);

/** Reports whether a panel is repeated for each value of a variable, or is a row with a repeated panel. */
const isRepeated = ({ repeat, panels }: Panel): boolean => repeat !== undefined || panels.some(isRepeated);

export function OpenDashboard({
  dashboard,
  meta,
  sources,
  solo,
  tools,
  surface,
  findings,
}: {
  dashboard: Dashboard;
  meta: DashboardMeta;
  sources: readonly SourceListing[];
  /** Key of the only panel that is shown, without bars and other panels. */
  solo?: string | undefined;
  tools?: ReactNode;
  /** Content that replaces the panels, for example the editor. */
  surface?: ReactNode;
  /** Migrations and problems that were found when the dashboard's JSON was read. */
  findings?: Findings | undefined;
}) {
  usePageTitle(dashboard.title);
  const isNarrow = useMediaQuery(`(max-width: ${NARROW_WIDTH_PX}px)`) ?? false;
  const [params, setParams] = useSearchParams();
  const opened = useOpenDashboard(dashboard, sources, meta.canEdit === true);
  const { states, isReady } = opened.variables;
  // The layout is known if no panel is repeated, or if all variables have values. Otherwise all panels wait for all
  // variables.
  const isLaidOut = isReady || !dashboard.panels.some(isRepeated);
  const viewed = namedPanel(params, "viewPanel");
  const parts = solo === undefined ? pageParts(params) : noParts;
  const layout = solo !== undefined ? css("solo") : viewed !== null && !surface ? css("viewed") : "";
  const renewed = renewedAddress(params)?.toString();
  useDrawnSignal(dashboard, opened.context.feeds, isLaidOut);
  useEffect(() => {
    if (renewed !== undefined) setParams(new URLSearchParams(renewed), { replace: true });
  }, [renewed, setParams]);
  const root = { "data-dashboard-uid": dashboard.uid, "data-state": isReady ? "ready" : "loading" };
  const ownTools = solo === undefined && !surface && <DashboardTools uid={dashboard.uid} meta={meta} />;
  const bar = { dashboard, opened, isNarrow, parts, findings };
  return (
    <DashboardContext value={opened.context}>
      <div {...root} className={layout}>
        <DashboardBar
          {...bar}
          tools={
            <>
              {ownTools}
              {tools}
            </>
          }
        />
        {solo === undefined && !isPrinted(params) && <SourceFailures />}
        {surface}
        {isLaidOut && solo !== undefined && <OnePanel dashboard={dashboard} states={states} wanted={solo} />}
        {isLaidOut && solo === undefined && !surface && (
          <DashboardActions dashboard={dashboard} meta={meta} states={states}>
            <DashboardBody dashboard={dashboard} states={states} isNarrow={isNarrow} viewed={viewed} />
          </DashboardActions>
        )}
      </div>
    </DashboardContext>
  );
}
