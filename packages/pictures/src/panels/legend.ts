import type { PlotTheme } from "@narthex/dashboards";
import { textWidth } from "../font/font.ts";
import type { Rect } from "../scene/rect.ts";
import type { Paint, Shape } from "../scene/scene.ts";
import { box, textLine } from "../scene/shapes.ts";
import { LINE_HEIGHT, moreText, TEXT_SIZE } from "./panel-style.ts";

export interface LegendEntry {
  readonly name: string;
  readonly value: string;
  readonly paint: Paint;
}

const COLUMN_PX = 260;
const SWATCH_PX = 12;
const GAP_PX = 10;
/** Maximum part of a picture's height for its legend. */
const MOST_SHARE = 0.34;

export interface Legend {
  readonly height: number;
  shapes(place: Rect): Shape[];
}

/**
 * Plans a legend: columns of names with their last values. Entries without room are named as a number.
 * @param total number of series, which can be larger than the number of entries
 */
export function planLegend(
  entries: readonly LegendEntry[],
  total: number,
  { width, height }: Pick<Rect, "width" | "height">,
  theme: PlotTheme,
): Legend {
  const columns = Math.max(1, Math.min(entries.length, Math.floor(width / COLUMN_PX)));
  const most = Math.max(1, Math.floor((height * MOST_SHARE) / LINE_HEIGHT));
  const rows = Math.min(most, Math.ceil(total / columns));
  const isCut = total > rows * columns || total > entries.length;
  const shown = entries.slice(0, isCut ? Math.max(0, rows * columns - 1) : entries.length);
  const usedRows = Math.ceil((shown.length + (isCut ? 1 : 0)) / columns);
  return {
    height: usedRows === 0 ? 0 : usedRows * LINE_HEIGHT + 4,
    shapes(place) {
      const columnWidth = place.width / columns;
      const at = (i: number): Rect => ({
        x: place.x + (i % columns) * columnWidth,
        y: place.y + 4 + Math.floor(i / columns) * LINE_HEIGHT,
        width: columnWidth - 14,
        height: LINE_HEIGHT,
      });
      const shapes = shown.flatMap((entry, i) => entryShapes(entry, at(i), theme));
      const rest = at(shown.length);
      const text = moreText(total - shown.length);
      const style = { size: TEXT_SIZE, color: theme.text, room: rest.width };
      return isCut ? [...shapes, textLine(rest.x + SWATCH_PX + 6, rest.y + 12, text, style)] : shapes;
    },
  };
}

function entryShapes({ name, value, paint }: LegendEntry, place: Rect, theme: PlotTheme): Shape[] {
  const left = place.x + SWATCH_PX + 6;
  const baseline = place.y + 12;
  const room = place.width - SWATCH_PX - 6;
  const valueRoom = Math.min(textWidth(value, TEXT_SIZE) + 1, room / 2);
  const label = textLine(left, baseline, name, { size: TEXT_SIZE, color: theme.text, room: room - valueRoom - GAP_PX });
  const valueLeft = left + textWidth(label.text, TEXT_SIZE) + GAP_PX;
  return [
    box(place.x, baseline - 6, SWATCH_PX, 3, paint),
    label,
    textLine(valueLeft, baseline, value, { size: TEXT_SIZE, color: theme.strong, room: valueRoom }),
  ];
}
