import { expandRows, type Panel, type PlacedPanel, repeatPanels, type RepeatValues } from "@narthex/dashboards";

/** Returns the panel with a key; collapsed rows are also searched. Returns undefined if no panel has the key. */
export function findPlaced(panels: readonly Panel[], valuesOf: RepeatValues, key: string): PlacedPanel | undefined {
  return repeatPanels(expandRows(panels, panels), valuesOf).find(
    (placed) => placed.key === key && placed.panel.type !== "row",
  );
}
