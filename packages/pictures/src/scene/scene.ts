import type { Rect } from "./rect.ts";

/** A colour as `#rrggbb`, with an opacity from 0 to 1. */
export interface Paint {
  readonly color: string;
  readonly opacity?: number;
}

/**
 * A line through points, as x and y in turn, in pixels. A point of NaN interrupts the line. Parts outside of `clip` are
 * not drawn.
 */
interface Polyline extends Paint {
  readonly kind: "line";
  readonly points: Float64Array;
  readonly width: number;
  readonly clip: Rect;
}

/** A polygon with the given corners, as x and y in turn. */
interface Area extends Paint {
  readonly kind: "area";
  readonly points: Float64Array;
  readonly clip: Rect;
}

export interface Box extends Paint, Rect {
  readonly kind: "box";
}

/** Text on one line. `y` is the baseline. */
export interface TextLine extends Paint {
  readonly kind: "text";
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly size: number;
  readonly anchor: "start" | "middle" | "end";
  readonly isBold: boolean;
}

export type Shape = Polyline | Area | Box | TextLine;

/** The shapes of a picture, from back to front. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly background: string;
  readonly shapes: Shape[];
}

/** Maximum width and height of a picture in pixels. */
const MAX_WIDTH = 2400;
const MAX_HEIGHT = 20_000;
/** Maximum number of pixels of a picture, at any scale. */
export const MAX_PIXELS = 16_000_000;

/** Returns an empty scene. Width and height are rounded, and limited to the maximum. */
export function emptyScene(width: number, height: number, background: string): Scene {
  const side = (length: number, most: number): number => Math.min(most, Math.max(16, Math.round(length) || 16));
  return { width: side(width, MAX_WIDTH), height: side(height, MAX_HEIGHT), background, shapes: [] };
}
