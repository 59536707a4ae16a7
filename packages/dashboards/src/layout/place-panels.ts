import type { Panel } from "../model/dashboard.ts";
import { at, compact } from "./compact.ts";
import { bottomOf, type GridItem, type PlacedPanel } from "./placed-panel.ts";
import { type RepeatValues, repeatPanels } from "./repeat.ts";

/** A panel with its copies. */
interface Block extends GridItem {
  readonly panels: readonly PlacedPanel[];
}

/**
 * Returns a dashboard's panels as they are drawn: repeated for the values of variables, and moved up until they touch
 * other panels. The copies of a panel move together, so that they keep their order.
 */
export function placePanels(panels: readonly Panel[], valuesOf: RepeatValues): PlacedPanel[] {
  const placed = repeatPanels(panels, valuesOf);
  const blocks: PlacedPanel[][] = [];
  for (const one of placed) {
    const last = blocks.at(-1);
    // Copies follow each other. A repeated row moves alone, because its panels are between the copies of the row.
    if (last?.[0]?.panel === one.panel && one.panel.type !== "row") last.push(one);
    else blocks.push([one]);
  }
  return compact(blocks.map(blockOf)).flatMap(({ panels: copies, position }) => {
    const by = position.y - copies[0]!.position.y;
    return copies.map((copy) => at(copy, { ...copy.position, y: copy.position.y + by }));
  });
}

function blockOf(panels: readonly PlacedPanel[]): Block {
  const { key, position } = panels[0]!;
  const right = panels.reduce((most, { position: { x, w } }) => Math.max(most, x + w), 0);
  return { key, panels, position: { ...position, w: right - position.x, h: bottomOf(panels) - position.y } };
}
