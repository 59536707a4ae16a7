import {
  collapseRows,
  type Dashboard,
  expandRows,
  type Panel,
  placePanels,
  repeatValues,
  stackPanels,
  type VariableStates,
} from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { DashboardGrid } from "../grid/DashboardGrid.tsx";
import { isPrinted } from "./page-parts.ts";
import { PlacedCard } from "./PlacedCard.tsx";
import { whenLoaded } from "../../shell/when-loaded.tsx";

const PrintedPanels = whenLoaded(() => import("./print/PrintedPanels.tsx"), null);

const noRows: ReadonlyMap<number, boolean> = new Map();

/** Opens or closes rows as the user has chosen. `turned` maps the id of a row to whether it is collapsed. */
const withTurnedRows = (panels: readonly Panel[], turned: ReadonlyMap<number, boolean>): readonly Panel[] =>
  turned.size === 0
    ? panels
    : expandRows(collapseRows(panels, rowsThat(panels, turned, true)), rowsThat(panels, turned, false));

const rowsThat = (
  panels: readonly Panel[],
  turned: ReadonlyMap<number, boolean>,
  isClosed: boolean,
): readonly Panel[] => panels.filter(({ id }) => turned.get(id) === isClosed);

/** Draws the panels of a dashboard at their positions. The user can open and close rows. */
export function DashboardPanels({
  dashboard,
  states,
  isNarrow,
}: {
  dashboard: Dashboard;
  states: VariableStates;
  isNarrow: boolean;
}) {
  const [turned, setTurned] = useState(noRows);
  const isOnPaper = isPrinted(useSearchParams()[0]);
  const placed = useMemo(() => {
    const all = placePanels(withTurnedRows(dashboard.panels, turned), repeatValues(states));
    return isNarrow && !isOnPaper ? stackPanels(all) : all;
  }, [dashboard.panels, turned, states, isNarrow, isOnPaper]);
  const toggle = ({ id, collapsed }: Panel): void => setTurned((before) => new Map(before).set(id, !collapsed));
  if (isOnPaper) {
    return <PrintedPanels panels={placed} />;
  }
  return (
    <DashboardGrid panels={placed}>
      {(one, { width, height }) => <PlacedCard placed={one} width={width} height={height} onToggle={toggle} />}
    </DashboardGrid>
  );
}
