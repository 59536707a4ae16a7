import { expandRows, type Panel, type PlacedPanel, repeatPanels, type RepeatValues } from "@narthex/dashboards";

/** The panel of a key wherever it stands, within a collapsed row too; undefined where there is none. */
export function findPlaced(panels: readonly Panel[], valuesOf: RepeatValues, key: string): PlacedPanel | undefined {
  return repeatPanels(expandRows(panels, panels), valuesOf).find(
    (placed) => placed.key === key && placed.panel.type !== "row",
  );
}
