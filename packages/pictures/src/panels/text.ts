import type { PlotTheme } from "@narthex/dashboards";
import { textWidth } from "../font/font.ts";
import type { Rect } from "../scene/rect.ts";
import type { Shape } from "../scene/scene.ts";
import { textLine } from "../scene/shapes.ts";
import { messageShapes } from "./message.ts";
import type { TextPicture } from "./picture.ts";

const SIZE = 12;
const LINE_PX = 18;
/** Characters of a text that are read. */
const MOST_READ = 20_000;

/** Draws lines of text, wrapped at spaces. Lines without room are left out. */
export function drawText(picture: TextPicture, place: Rect, theme: PlotTheme): Shape[] {
  if (picture.message !== undefined) return messageShapes(picture.message, place, theme);
  const most = Math.max(1, Math.floor(place.height / LINE_PX));
  const style = { size: SIZE, color: theme.strong, room: place.width };
  return wrapped(picture.text.slice(0, MOST_READ), place.width, most).map((line, i) =>
    textLine(place.x, place.y + i * LINE_PX + 13, line, style),
  );
}

function wrapped(text: string, room: number, most: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && textWidth(longer.slice(0, 300), SIZE) > room) {
        lines.push(line);
        line = word;
      } else line = longer;
      if (lines.length >= most) return lines;
    }
    lines.push(line);
    if (lines.length >= most) return lines;
  }
  return lines;
}
