import type { PlotTheme } from "@narthex/dashboards";
import { isPlottable } from "../axes/value-axis.ts";
import type { Rect } from "../scene/rect.ts";
import type { Shape } from "../scene/scene.ts";
import { box, textLine, widest } from "../scene/shapes.ts";
import { messageShapes } from "./message.ts";
import { moreText, paintOf, TEXT_SIZE, valueText } from "./panel-style.ts";
import type { BarsPicture, NamedValue } from "./picture.ts";

const ROW_PX = 22;
const HIGHEST_ROW_PX = 40;

/** Draws a list of horizontal bars, each with its name and its value. */
export function drawBars(picture: BarsPicture, place: Rect, theme: PlotTheme): Shape[] {
  const { values, message } = picture;
  if (values.length === 0 || message !== undefined) return messageShapes(message ?? "No data", place, theme);
  const most = Math.max(1, Math.floor(place.height / ROW_PX));
  const shown = values.slice(0, values.length > most ? most - 1 : most);
  const rows = shown.length + (shown.length < values.length ? 1 : 0);
  const rowHeight = Math.min(HIGHEST_ROW_PX, place.height / Math.max(1, rows));
  const texts = shown.map(({ value, text }) => text ?? valueText(value, picture.unit, picture.decimals));
  const nameWidth = Math.min(
    place.width * 0.4,
    widest(
      shown.map(({ name }) => name.slice(0, 80)),
      TEXT_SIZE,
    ) + 2,
  );
  const valueWidth = Math.min(place.width * 0.3, widest(texts, TEXT_SIZE) + 2);
  const bar = { x: place.x + nameWidth + 8, width: Math.max(10, place.width - nameWidth - valueWidth - 16) };
  const { low, span } = rangeOf(picture, shown);
  const shapes = shown.flatMap(({ name, value, color }, i): Shape[] => {
    const y = place.y + i * rowHeight;
    const share = isPlottable(value) ? Math.min(1, Math.max(0, (value - low) / span)) : 0;
    const baseline = y + rowHeight / 2 + 4;
    const label = { size: TEXT_SIZE, color: theme.text };
    return [
      textLine(place.x + nameWidth, baseline, name, { ...label, anchor: "end", room: nameWidth }),
      box(bar.x, y + 3, bar.width, rowHeight - 6, { color: theme.grid }),
      box(bar.x, y + 3, bar.width * share, rowHeight - 6, paintOf(color, i, theme)),
      textLine(bar.x + bar.width + 8, baseline, texts[i]!, { ...label, color: theme.strong, room: valueWidth }),
    ];
  });
  if (shown.length === values.length) return shapes;
  const style = { size: TEXT_SIZE, color: theme.text, room: place.width };
  return [...shapes, textLine(bar.x, place.y + place.height - 6, moreText(values.length - shown.length), style)];
}

function rangeOf({ min, max }: BarsPicture, shown: readonly NamedValue[]): { low: number; span: number } {
  const values = shown.map(({ value }) => value).filter(isPlottable);
  const low = min ?? values.reduce((least, value) => Math.min(least, value), 0);
  const high = max ?? values.reduce((most, value) => Math.max(most, value), low);
  return { low, span: high > low ? high - low : 1 };
}
