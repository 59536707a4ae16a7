import { expandRows, type Panel, type PlacedPanel, repeatPanels, type RepeatValues } from "@narthex/dashboards";

/** Returns the panel with a key, also inside a collapsed row; undefined if there is none. */
export function findPlaced(panels: readonly Panel[], valuesOf: RepeatValues, key: string): PlacedPanel | undefined {
  return repeatPanels(expandRows(panels, panels), valuesOf).find(
    (placed) => placed.key === key && placed.panel.type !== "row",
  );
}
