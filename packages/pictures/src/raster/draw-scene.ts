import type { Steps } from "@narthex/runtime";
import { Canvas } from "./canvas.ts";
import { drawLine } from "./draw-line.ts";
import { drawText } from "./draw-text.ts";
import type { Rect } from "../scene/rect.ts";
import { MAX_PIXELS, type Scene, type Shape } from "../scene/scene.ts";

/** Draws a scene into pixels. `scale` is the number of pixels for a pixel of the scene, from 1 to 3. */
export function* drawScene(scene: Scene, scale: number): Steps<Canvas> {
  const most = Math.sqrt(MAX_PIXELS / (scene.width * scene.height));
  const used = Math.min(3, most, Math.max(1, scale || 1));
  const canvas = new Canvas(Math.floor(scene.width * used), Math.floor(scene.height * used), scene.background);
  for (const shape of scene.shapes) {
    yield* drawShape(canvas, shape, used);
    yield;
  }
  return canvas;
}

function* drawShape(canvas: Canvas, shape: Shape, scale: number): Steps<void> {
  switch (shape.kind) {
    case "box":
      yield* canvas.fillBox(scaled(shape, scale), shape);
      return;
    case "line":
      clipTo(canvas, shape.clip, scale);
      yield* drawLine(canvas, shape.points, scale, shape.width * scale);
      yield* canvas.paintMask(shape);
      return;
    case "area":
      clipTo(canvas, shape.clip, scale);
      addPolygon(canvas, shape.points, scale);
      yield* canvas.paintMask(shape);
      return;
    case "text":
      yield* drawText(canvas, shape, scale);
      return;
    default:
      return shape;
  }
}

/** Limits the next shape to the rows of a rectangle. The columns of data are within their rectangle anyway. */
const clipTo = (canvas: Canvas, { y, height }: Rect, scale: number): void =>
  canvas.mask.begin(Math.floor(y * scale), Math.ceil((y + height) * scale));

const scaled = ({ x, y, width, height }: Rect, scale: number): Rect => ({
  x: x * scale,
  y: y * scale,
  width: width * scale,
  height: height * scale,
});

function addPolygon({ mask }: Canvas, points: Float64Array, scale: number): void {
  for (let i = 0; i < points.length; i += 2) {
    const next = (i + 2) % points.length;
    mask.edge(points[i]! * scale, points[i + 1]! * scale, points[next]! * scale, points[next + 1]! * scale);
  }
}
