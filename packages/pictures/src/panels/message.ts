import type { PlotTheme } from "@narthex/dashboards";
import type { Rect } from "../scene/rect.ts";
import type { Shape } from "../scene/scene.ts";
import { textLine } from "../scene/shapes.ts";

const SIZE = 14;

/** Returns a text in the middle of a rectangle. */
export function messageShapes(text: string, place: Rect, theme: PlotTheme): Shape[] {
  const style = { size: SIZE, color: theme.text, anchor: "middle" as const, room: place.width };
  return text === "" ? [] : [textLine(place.x + place.width / 2, place.y + place.height / 2 + 5, text, style)];
}
