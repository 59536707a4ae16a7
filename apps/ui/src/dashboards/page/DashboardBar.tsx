import type { Dashboard, Lookup, VariableOption } from "@narthex/dashboards";
import type { ReactNode } from "react";
import { DashboardLinks } from "../controls/DashboardLinks.tsx";
import { RefreshPicker } from "../controls/RefreshPicker.tsx";
import { TimeRangePicker } from "../controls/TimeRangePicker.tsx";
import { VariableControls } from "../controls/VariableControls.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import type { PageParts } from "./page-parts.ts";
import type { VariableStates } from "./dashboard-scope.ts";
import type { DashboardTime } from "./use-dashboard-time.ts";
import styles from "./DashboardBar.module.css";

const css = classesOf(styles);

const none: VariableStates = new Map();

/** What stands above a dashboard's panels: its title, time and variables. */
export function DashboardBar({
  dashboard,
  time,
  states,
  isNarrow,
  lookup,
  onChoose,
  tools,
  parts,
}: {
  dashboard: Dashboard;
  time: DashboardTime;
  /** Undefined until they are filled. */
  states: VariableStates | undefined;
  isNarrow: boolean;
  /** The names that texts of links may hold. */
  lookup: Lookup;
  onChoose: (name: string, options: readonly VariableOption[]) => void;
  tools?: ReactNode;
  parts: PageParts;
}) {
  return (
    <div hidden={!parts.hasBar}>
      <div className={css("bar")}>
        <h1 className={css("title")}>{dashboard.title}</h1>
        {!dashboard.isTimePickerHidden && (
          <div className={css("times")} hidden={!parts.hasTimePicker}>
            <TimeRangePicker
              raw={time.raw}
              range={time.range}
              zone={time.zoneName}
              onChange={time.setRange}
              onZone={time.setZone}
              quickRanges={dashboard.quickRanges}
              isCompact={isNarrow}
              fiscalYearStartMonth={dashboard.fiscalYearStartMonth}
            />
            <RefreshPicker
              interval={time.refresh}
              intervals={dashboard.refreshIntervals}
              isLoading={states === undefined}
              onRefresh={time.refreshNow}
              onInterval={time.setRefresh}
              range={time.range}
            />
          </div>
        )}
        {tools}
      </div>
      {parts.hasVariables && <VariableControls states={states ?? none} onChange={onChoose} />}
      {parts.hasLinks && (
        <DashboardLinks
          links={dashboard.links}
          uid={dashboard.uid}
          raw={time.raw}
          states={states ?? none}
          lookup={lookup}
        />
      )}
    </div>
  );
}
