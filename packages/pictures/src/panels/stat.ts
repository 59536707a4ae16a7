import type { PlotTheme } from "@narthex/dashboards";
import { CAPITAL_HEIGHT, textWidth } from "../font/font.ts";
import type { Rect } from "../scene/rect.ts";
import type { Shape } from "../scene/scene.ts";
import { textLine } from "../scene/shapes.ts";
import { messageShapes } from "./message.ts";
import { LINE_HEIGHT, moreText, paintOf, TEXT_SIZE, valueText } from "./panel-style.ts";
import type { NamedValue, StatPicture } from "./picture.ts";

const MOST_VALUES = 24;
const LARGEST = 64;
const SMALLEST = 12;

/** Draws large numbers next to each other, with their names if there are several. */
export function drawStat(picture: StatPicture, place: Rect, theme: PlotTheme): Shape[] {
  const { values, message } = picture;
  if (values.length === 0 || message !== undefined) return messageShapes(message ?? "No data", place, theme);
  const count = Math.min(values.length, MOST_VALUES);
  const columns = Math.max(1, Math.min(count, Math.round(Math.sqrt((count * place.width) / place.height / 2))));
  const rows = Math.ceil(count / columns);
  const isCut = values.length > count;
  const cell = { width: place.width / columns, height: (place.height - (isCut ? LINE_HEIGHT : 0)) / rows };
  const shapes = values.slice(0, count).flatMap((value, i) => {
    const x = place.x + (i % columns) * cell.width;
    const y = place.y + Math.floor(i / columns) * cell.height;
    return statShapes(value, picture, { x, y, ...cell }, count > 1, theme);
  });
  const style = { size: TEXT_SIZE, color: theme.text, room: place.width };
  const rest = textLine(place.x + 4, place.y + place.height - 4, moreText(values.length - count), style);
  return isCut ? [...shapes, rest] : shapes;
}

function statShapes(
  one: NamedValue,
  { unit, decimals }: StatPicture,
  { x, y, width, height }: Rect,
  isNamed: boolean,
  theme: PlotTheme,
): Shape[] {
  const text = one.text ?? valueText(one.value, unit, decimals);
  const nameHeight = isNamed && one.name !== "" ? LINE_HEIGHT : 0;
  const wide = (width - 16) / Math.max(0.1, textWidth(text, 1));
  const size = Math.max(SMALLEST, Math.min(LARGEST, wide, (height - nameHeight) * 0.7));
  const middle = x + width / 2;
  const paint = one.color === undefined ? { color: theme.strong } : paintOf(one.color, 0, theme);
  const baseline = y + nameHeight + (height - nameHeight + size * CAPITAL_HEIGHT) / 2;
  const value = textLine(middle, baseline, text, { ...paint, size, anchor: "middle", isBold: true, room: width });
  if (nameHeight === 0) return [value];
  const style = { size: TEXT_SIZE, color: theme.text, anchor: "middle" as const, room: width - 8 };
  return [textLine(middle, y + 12, one.name, style), value];
}
