import { fittingText } from "../font/shown-text.ts";
import { textWidth } from "../font/font.ts";
import type { Box, Paint, TextLine } from "./scene.ts";

export const box = (x: number, y: number, width: number, height: number, paint: Paint): Box => ({
  kind: "box",
  x,
  y,
  width,
  height,
  ...paint,
});

interface TextStyle extends Paint {
  readonly size: number;
  readonly anchor?: TextLine["anchor"];
  readonly isBold?: boolean;
  /** Width in pixels to which a longer text is cut. */
  readonly room: number;
}

/** Returns a text on a baseline, cut to its room. */
export function textLine(x: number, y: number, text: string, style: TextStyle): TextLine {
  const { size, anchor = "start", isBold = false, room, ...paint } = style;
  return { kind: "text", x, y, text: fittingText(text, size, room), size, anchor, isBold, ...paint };
}

const DASH_PX = 5;
const GAP_PX = 4;

/** Returns the boxes of a dashed line, horizontal or vertical. */
export function dashes(x: number, y: number, length: number, direction: "right" | "down", paint: Paint): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at < length; at += DASH_PX + GAP_PX) {
    const part = Math.min(DASH_PX, length - at);
    boxes.push(direction === "right" ? box(x + at, y, part, 1, paint) : box(x, y + at, 1, part, paint));
  }
  return boxes;
}

/** Returns the width of the widest text, in pixels. */
export const widest = (texts: readonly string[], size: number): number =>
  texts.reduce((width, text) => Math.max(width, textWidth(text, size)), 0);
