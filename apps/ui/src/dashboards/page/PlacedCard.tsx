import { type Panel, type PlacedPanel, scopedVariables } from "@narthex/dashboards";
import { useMemo } from "react";
import { PanelCard } from "../panel/PanelCard.tsx";
import { RowHeader } from "../panel/RowHeader.tsx";

/** Draws a panel or row at its position on the dashboard, with the variables of its repeat. */
export function PlacedCard({
  placed: { key, panel, scope },
  width,
  height,
  onToggle,
}: {
  placed: PlacedPanel;
  width: number;
  height: number;
  /** Opens and closes a row. */
  onToggle?: (row: Panel) => void;
}) {
  const scoped = useMemo(() => scopedVariables(scope), [scope]);
  if (panel.type === "row") return <RowHeader panel={panel} scoped={scoped} onToggle={() => onToggle?.(panel)} />;
  return <PanelCard panelKey={key} panel={panel} scoped={scoped} width={width} height={height} isVisible />;
}
