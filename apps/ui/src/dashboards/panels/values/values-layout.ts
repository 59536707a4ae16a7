export interface ValuesLayout {
  readonly columns: number;
  readonly rows: number;
  /** Width and height of each box, CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether the boxes need more room than the panel has, so that the panel scrolls. */
  readonly scrolls: boolean;
}

export interface LayoutSettings {
  /** `horizontal`: the boxes are below each other; `vertical`: they are side by side. */
  readonly orientation: "auto" | "horizontal" | "vertical";
  /**
   * Layout for `auto`. True: a grid with the largest possible boxes. False: one row, or one column if the panel is
   * higher than wide.
   */
  readonly isGrid: boolean;
  readonly minWidth?: number;
  readonly minHeight?: number;
  readonly maxHeight?: number;
}

/** Gap between boxes, pixels. */
export const GAP = 8;

interface Size {
  readonly width: number;
  readonly height: number;
}

const each = (room: number, count: number): number => (room - GAP * (count - 1)) / count;

/**
 * Returns the number of columns for which the shorter side of the boxes is longest. If two numbers are equally good,
 * the longer side decides.
 */
function bestColumns(count: number, { width, height }: Size): number {
  let best = 1;
  let bestSide = -Infinity;
  let bestOther = -Infinity;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    // Skips a number of columns if one column less gives the same number of rows, because the boxes are then wider.
    if (columns > 1 && rows === Math.ceil(count / (columns - 1))) continue;
    const [wide, high] = [each(width, columns), each(height, rows)];
    const [side, other] = [Math.min(wide, high), Math.max(wide, high)];
    if (side > bestSide || (side === bestSide && other > bestOther))
      [best, bestSide, bestOther] = [columns, side, other];
  }
  return best;
}

function columnsOf(count: number, room: Size, { orientation, isGrid }: LayoutSettings): number {
  if (orientation !== "auto") return orientation === "vertical" ? count : 1;
  if (isGrid) return bestColumns(count, room);
  return room.width > room.height ? count : 1;
}

/** Width of a scroll bar, pixels. */
const SCROLLBAR = 12;

export function layoutValues(count: number, room: Size, settings: LayoutSettings): ValuesLayout {
  const { minWidth = 1, minHeight = 1, maxHeight = Infinity } = settings;
  const columns = count <= 1 ? 1 : columnsOf(count, room, settings);
  const rows = Math.max(1, Math.ceil(count / columns));
  const fit = ({ width, height }: Size): Size => ({
    width: Math.max(each(width, columns), minWidth, 1),
    height: Math.min(Math.max(each(height, rows), minHeight, 1), Math.max(maxHeight, minHeight)),
  });
  const box = fit(room);
  const isTooWide = box.width * columns + GAP * (columns - 1) > room.width + 0.5;
  const isTooHigh = box.height * rows + GAP * (rows - 1) > room.height + 0.5;
  if (!isTooWide && !isTooHigh) return { columns, rows, ...box, scrolls: false };
  const less = {
    width: room.width - (isTooHigh ? SCROLLBAR : 0),
    height: room.height - (isTooWide ? SCROLLBAR : 0),
  };
  return { columns, rows, ...fit(less), scrolls: true };
}
