import type { PlotTheme } from "@narthex/dashboards";
import { inset, type Rect } from "../scene/rect.ts";
import type { Scene, Shape } from "../scene/scene.ts";
import { textLine } from "../scene/shapes.ts";
import { drawBars } from "./bars.ts";
import { TITLE_SIZE } from "./panel-style.ts";
import type { Picture } from "./picture.ts";
import { drawStat } from "./stat.ts";
import { drawTable } from "./table.ts";
import { drawText } from "./text.ts";
import { drawTimeSeries } from "./time-series.ts";

const MARGIN = { left: 12, top: 10, right: 12, bottom: 8 };
const TITLE_PX = 24;

/** Adds a panel with its title to a scene, in a rectangle. */
export function* drawPanel(
  scene: Scene,
  picture: Picture,
  place: Rect,
  theme: PlotTheme,
): Generator<undefined, void, undefined> {
  const room = inset(place, MARGIN);
  const hasTitle = picture.title !== "";
  if (hasTitle) {
    const style = { size: TITLE_SIZE, color: theme.strong, isBold: true, room: room.width };
    scene.shapes.push(textLine(room.x, room.y + TITLE_SIZE, picture.title, style));
  }
  const content = hasTitle ? inset(room, { left: 0, top: TITLE_PX, right: 0, bottom: 0 }) : room;
  for (const shape of yield* contentShapes(picture, content, theme)) scene.shapes.push(shape);
}

function* contentShapes(
  picture: Picture,
  place: Rect,
  theme: PlotTheme,
): Generator<undefined, readonly Shape[], undefined> {
  switch (picture.kind) {
    case "timeseries":
      return yield* drawTimeSeries(picture, place, theme);
    case "stat":
      return drawStat(picture, place, theme);
    case "bars":
      return drawBars(picture, place, theme);
    case "table":
      return drawTable(picture, place, theme);
    case "text":
      return drawText(picture, place, theme);
    default:
      return picture;
  }
}
