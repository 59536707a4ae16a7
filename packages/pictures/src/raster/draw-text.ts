import type { Steps } from "@narthex/runtime";
import { type Contour, glyphOf, textWidth } from "../font/font.ts";
import type { TextLine } from "../scene/scene.ts";
import type { Canvas } from "./canvas.ts";
import type { CoverageMask } from "./coverage-mask.ts";

/** Straight parts that replace a curve of a glyph. */
const PARTS = 4;
/** Distance in parts of the font size between the two copies of a letter that make it bold. */
const BOLD = 1 / 22;

/** Draws a line of text. */
export function* drawText(canvas: Canvas, line: TextLine, scale: number): Steps<void> {
  const size = line.size * scale;
  const width = line.anchor === "start" ? 0 : textWidth(line.text, size);
  let x = line.x * scale - (line.anchor === "end" ? width : width / 2);
  const y = Math.round(line.y * scale);
  canvas.mask.begin(0, canvas.height);
  for (const character of line.text) {
    const glyph = glyphOf(character);
    for (const contour of glyph.contours) {
      addContour(canvas.mask, contour, x, y, size);
      if (line.isBold) addContour(canvas.mask, contour, x + BOLD * size, y, size);
    }
    x += glyph.advance * size;
  }
  yield* canvas.paintMask(line);
}

/** Adds a closed curve. Between two control points, the curve passes through the point in their middle. */
function addContour(mask: CoverageMask, { xs, ys, isOnCurve }: Contour, left: number, top: number, size: number): void {
  const count = xs.length;
  const x = (i: number): number => left + xs[i % count]! * size;
  const y = (i: number): number => top + ys[i % count]! * size;
  const first = isOnCurve.indexOf(1);
  // All outlines of the font have a point on the curve.
  if (first < 0) return;
  let [penX, penY] = [x(first), y(first)];
  for (let i = first + 1; i <= first + count; i++) {
    if (isOnCurve[i % count] === 1) {
      mask.edge(penX, penY, x(i), y(i));
      [penX, penY] = [x(i), y(i)];
      continue;
    }
    const isNextOn = isOnCurve[(i + 1) % count] === 1;
    const endX = isNextOn ? x(i + 1) : (x(i) + x(i + 1)) / 2;
    const endY = isNextOn ? y(i + 1) : (y(i) + y(i + 1)) / 2;
    addCurve(mask, [penX, penY, x(i), y(i), endX, endY]);
    [penX, penY] = [endX, endY];
    if (isNextOn) i++;
  }
}

/** Adds a quadratic curve, given by its start, its control point and its end. */
function addCurve(mask: CoverageMask, [x0, y0, x1, y1, x2, y2]: SixNumbers): void {
  let [fromX, fromY] = [x0, y0];
  for (let part = 1; part <= PARTS; part++) {
    const t = part / PARTS;
    const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t];
    const toX = a * x0 + b * x1 + c * x2;
    const toY = a * y0 + b * y1 + c * y2;
    mask.edge(fromX, fromY, toX, toY);
    [fromX, fromY] = [toX, toY];
  }
}

type SixNumbers = readonly [number, number, number, number, number, number];
