import { bottomOf, GRID_COLUMNS, type GridPosition } from "@narthex/dashboards";

/** Default size of a new panel, in grid units. */
const [USUAL_WIDTH, USUAL_HEIGHT] = [12, 8];
/** A new panel is narrower or lower than usual to fill a free place, but at least this large. */
const [LEAST_WIDTH, LEAST_HEIGHT] = [6, 4];

interface Size {
  readonly w?: number | undefined;
  readonly h?: number | undefined;
}

/**
 * Returns the position of a new panel: the first free place in the last line of panels, otherwise a new line below all
 * panels.
 * @param size size of the panel. A panel without a size gets the size of the free place.
 */
export function freePlace(panels: readonly { readonly position: GridPosition }[], { w, h }: Size = {}): GridPosition {
  const bottom = bottomOf(panels);
  const top = panels.reduce((last, { position }) => Math.max(last, position.y), 0);
  const filled = Array.from({ length: GRID_COLUMNS }, () => top);
  for (const { position } of panels)
    for (let column = position.x; column < position.x + position.w; column++)
      filled[column] = Math.max(filled[column] ?? top, position.y + position.h);
  const heights = [...new Set(filled)].filter((y) => y < bottom).toSorted((a, b) => a - b);
  for (const y of heights) {
    let x = 0;
    for (let column = 0; column <= GRID_COLUMNS; column++) {
      if (column < GRID_COLUMNS && filled[column]! <= y) continue;
      const room = column - x;
      if (room >= (w ?? LEAST_WIDTH) && (h !== undefined || bottom - y >= LEAST_HEIGHT))
        return { x, y, w: w ?? Math.min(room, USUAL_WIDTH), h: h ?? bottom - y };
      x = column + 1;
    }
  }
  return { x: 0, y: bottom, w: w ?? USUAL_WIDTH, h: h ?? USUAL_HEIGHT };
}
