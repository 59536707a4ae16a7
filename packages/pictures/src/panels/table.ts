import type { PlotTheme } from "@narthex/dashboards";
import type { Rect } from "../scene/rect.ts";
import type { Shape } from "../scene/scene.ts";
import { box, textLine, widest } from "../scene/shapes.ts";
import { messageShapes } from "./message.ts";
import { moreText, TEXT_SIZE } from "./panel-style.ts";
import type { TablePicture } from "./picture.ts";

const ROW_PX = 20;
const MOST_COLUMNS = 20;
/** Texts are measured up to this length. */
const MEASURED = 60;

/** Draws the first rows of a table. Columns are as wide as their texts, if there is room. */
export function drawTable(picture: TablePicture, place: Rect, theme: PlotTheme): Shape[] {
  const { rows, message } = picture;
  const columns = picture.columns.slice(0, MOST_COLUMNS);
  if (rows.length === 0 || columns.length === 0 || message !== undefined)
    return messageShapes(message ?? "No data", place, theme);
  const most = Math.max(1, Math.floor(place.height / ROW_PX) - 1);
  const shown = rows.slice(0, rows.length > most ? Math.max(0, most - 1) : most);
  const widths = columnWidths(
    columns.map(({ name }) => name),
    shown,
    place.width,
  );
  const line = (y: number, cells: readonly string[], isHead: boolean): Shape[] => {
    let x = place.x;
    return columns.map(({ isNumber = false }, i) => {
      const width = widths[i]!;
      const right = isNumber ? x + width - 8 : x;
      x += width;
      return textLine(right, y + 14, cells[i] ?? "", {
        size: TEXT_SIZE,
        color: isHead ? theme.text : theme.strong,
        isBold: isHead,
        anchor: isNumber ? "end" : "start",
        room: width - 8,
      });
    });
  };
  const shapes = line(
    place.y,
    columns.map(({ name }) => name),
    true,
  );
  for (const [i, row] of shown.entries()) {
    const y = place.y + (i + 1) * ROW_PX;
    shapes.push(box(place.x, y, place.width, 1, { color: theme.grid }));
    for (const cell of line(y, row, false)) shapes.push(cell);
  }
  const style = { size: TEXT_SIZE, color: theme.text, room: place.width };
  const rest = textLine(
    place.x,
    place.y + (shown.length + 1) * ROW_PX + 14,
    moreText(rows.length - shown.length),
    style,
  );
  return shown.length < rows.length ? [...shapes, rest] : shapes;
}

/** Returns the widths of columns, which fill the room together. */
function columnWidths(names: readonly string[], rows: readonly (readonly string[])[], room: number): number[] {
  const wanted = names.map((name, i) =>
    Math.min(
      room,
      widest(
        [name, ...rows.map((row) => row[i] ?? "")].map((text) => text.slice(0, MEASURED)),
        TEXT_SIZE,
      ) + 20,
    ),
  );
  const sum = wanted.reduce((total, width) => total + width, 0);
  return wanted.map((width) => (width / sum) * room);
}
