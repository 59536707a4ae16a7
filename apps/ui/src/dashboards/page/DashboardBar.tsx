import type { Dashboard } from "@narthex/dashboards";
import { useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import { RefreshPicker } from "../../time-controls/RefreshPicker.tsx";
import { TimeRangePicker } from "../../time-controls/TimeRangePicker.tsx";
import { VariableControls } from "../controls/VariableControls.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import { DashboardFindings, type Findings } from "./DashboardFindings.tsx";
import type { PageParts } from "./page-parts.ts";
import type { OpenedDashboard } from "./use-open-dashboard.ts";
import { whenLoaded } from "../../shell/when-loaded.tsx";
import { AnnotationToggles } from "./AnnotationToggles.tsx";
import styles from "./DashboardBar.module.css";

const DashboardLinks = whenLoaded(
  async () => ({
    default: (await import("../controls/DashboardLinks.tsx")).DashboardLinks,
  }),
  null,
);

const css = classesOf(styles);

/** The bar above a dashboard's panels: its title, time range and variables. */
export function DashboardBar({
  dashboard,
  opened: { context, time, variables, lookup, marks, suggestions, choose },
  isNarrow,
  tools,
  parts,
  findings,
}: {
  dashboard: Dashboard;
  opened: OpenedDashboard;
  isNarrow: boolean;
  tools?: ReactNode;
  parts: PageParts;
  /** Migrations and problems that were found when the dashboard's JSON was read. */
  findings?: Findings | undefined;
}) {
  const { states, pending } = variables;
  const isTimePickerHidden = dashboard.isTimePickerHidden || !parts.hasTimePicker;
  const { feeds } = context;
  const isAnswering = useSyncExternalStore(feeds.watch, feeds.isBusy);
  const isBusy = pending.size > 0 || isAnswering;
  return (
    <div className={css("controls")} hidden={!parts.hasBar}>
      <div className={css("bar")}>
        <h1 className={css("title")}>{dashboard.title}</h1>
        {!isTimePickerHidden && (
          <TimeRangePicker
            raw={time.shown}
            wholeRange={time.shown === time.raw ? undefined : time.raw}
            range={time.range}
            zone={time.zoneName}
            onChange={time.setRange}
            onZone={time.setZone}
            quickRanges={dashboard.quickRanges}
            compare={time.compare}
            onCompare={time.setCompare}
            isCompact={isNarrow}
            weekStart={time.calendar.weekStart ?? 0}
            fiscalYearStartMonth={dashboard.fiscalYearStartMonth}
          />
        )}
        <RefreshPicker
          interval={time.refresh}
          intervals={dashboard.refreshIntervals}
          isLoading={isBusy}
          onRefresh={time.refreshNow}
          onInterval={time.setRefresh}
          range={time.range}
          isHidden={isTimePickerHidden}
        />
        {tools}
      </div>
      <div className={css("choices")}>
        {parts.hasVariables && (
          <>
            <VariableControls states={states} loading={pending} suggestions={suggestions} onChange={choose} />
            {marks.some(({ isHidden }) => isHidden !== true) && <AnnotationToggles switches={marks} />}
          </>
        )}
        {parts.hasLinks && dashboard.links.length > 0 && (
          <DashboardLinks links={dashboard.links} uid={dashboard.uid} raw={time.raw} states={states} lookup={lookup} />
        )}
      </div>
      {findings !== undefined && (
        <DashboardFindings uid={dashboard.uid} version={dashboard.version} findings={findings} />
      )}
    </div>
  );
}
