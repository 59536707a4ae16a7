import {
  ALL_VALUE,
  type BoundVariable,
  collapseRow,
  type Dashboard,
  expandRow,
  type Panel,
  type PlacedPanel,
  repeatPanels,
  type RepeatValues,
  stackPanels,
} from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { DashboardGrid } from "../grid/DashboardGrid.tsx";
import { PanelCard } from "../panel/PanelCard.tsx";
import { RowHeader } from "../panel/RowHeader.tsx";
import type { VariableStates } from "./dashboard-scope.ts";

/** What a repeat is made for: each value that is chosen, or all of them. */
const repeatValues =
  (states: VariableStates): RepeatValues =>
  (name) => {
    const state = states.get(name);
    return state?.current.some(({ value }) => value === ALL_VALUE) === true ? state.options : state?.current;
  };

/** The panels of a dashboard where they stand; rows open and close. */
export function DashboardPanels({
  dashboard,
  states,
  isNarrow,
}: {
  dashboard: Dashboard;
  states: VariableStates;
  isNarrow: boolean;
}) {
  const [panels, setPanels] = useState(dashboard.panels);
  const placed = useMemo(() => {
    const all = repeatPanels(panels, repeatValues(states));
    return isNarrow ? stackPanels(all) : all;
  }, [panels, states, isNarrow]);
  const toggle = (row: Panel): void =>
    setPanels((before) => (row.collapsed ? expandRow(before, row.id) : collapseRow(before, row.id)));
  return (
    <DashboardGrid panels={placed}>
      {(one, { width, height }) => <PlacedCard placed={one} width={width} height={height} onToggle={toggle} />}
    </DashboardGrid>
  );
}

function PlacedCard({
  placed: { panel, scope },
  width,
  height,
  onToggle,
}: {
  placed: PlacedPanel;
  width: number;
  height: number;
  onToggle: (row: Panel) => void;
}) {
  const scoped = useMemo(() => scopedVariables(scope), [scope]);
  if (panel.type === "row") return <RowHeader panel={panel} scoped={scoped} onToggle={() => onToggle(panel)} />;
  return <PanelCard panel={panel} scoped={scoped} width={width} height={height} isVisible />;
}

const scopedVariables = (scope: PlacedPanel["scope"]): ReadonlyMap<string, BoundVariable> =>
  new Map(
    Object.entries(scope).map(([name, { text, value }]) => [
      name,
      { name, values: [value], texts: [text], isMulti: true, isVerbatim: false },
    ]),
  );
