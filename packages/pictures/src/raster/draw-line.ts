import type { Canvas } from "./canvas.ts";
import type { CoverageMask } from "./coverage-mask.ts";

/** Number of points of a line after which the drawing may be interrupted. */
const POINTS_PER_STEP = 4000;

/** Radius of a single point between two gaps, in widths of the line. */
const DOT = 1.25;

/**
 * Adds the outline of a line to the mask. A single point becomes a dot.
 * @param points x and y in turn; NaN interrupts the line
 */
export function* drawLine(canvas: Canvas, points: Float64Array, scale: number, width: number): Generator<undefined> {
  const pen = new Pen(canvas.mask, width / 2);
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i]! * scale;
    const y = points[i + 1]! * scale;
    if (Number.isFinite(x + y)) pen.moveTo(x, y);
    else pen.lift();
    if (i % POINTS_PER_STEP === 0) yield;
  }
  pen.lift();
}

/**
 * Draws the two sides of a line, and connects them at its ends. At a corner, the outer sides are connected by a straight
 * edge. The inner sides overlap there, which the coverage mask allows.
 */
class Pen {
  readonly #mask: CoverageMask;
  readonly #half: number;
  #x = NaN;
  #y = NaN;
  /** Distance of the sides of the last part from the line. Zero before the first part. */
  #nx = 0;
  #ny = 0;

  constructor(mask: CoverageMask, half: number) {
    this.#mask = mask;
    this.#half = half;
  }

  moveTo(x: number, y: number): void {
    const [fromX, fromY] = [this.#x, this.#y];
    this.#x = x;
    this.#y = y;
    const length = Math.sqrt((x - fromX) * (x - fromX) + (y - fromY) * (y - fromY));
    if (!(length > 0)) return;
    const nx = ((fromY - y) / length) * this.#half;
    const ny = ((x - fromX) / length) * this.#half;
    this.#connect(fromX, fromY, nx, ny);
    this.#mask.edge(fromX - nx, fromY - ny, x - nx, y - ny);
    this.#mask.edge(x + nx, y + ny, fromX + nx, fromY + ny);
    this.#nx = nx;
    this.#ny = ny;
  }

  /** Connects the sides of the last part to those of the next, which begins at a point. */
  #connect(x: number, y: number, nx: number, ny: number): void {
    const isFirst = this.#nx === 0 && this.#ny === 0;
    if (isFirst) {
      this.#mask.edge(x + nx, y + ny, x - nx, y - ny);
      return;
    }
    this.#mask.edge(x - this.#nx, y - this.#ny, x - nx, y - ny);
    this.#mask.edge(x + nx, y + ny, x + this.#nx, y + this.#ny);
  }

  /** Ends the line. */
  lift(): void {
    if (Number.isNaN(this.#x)) return;
    const [x, y, nx, ny] = [this.#x, this.#y, this.#nx, this.#ny];
    if (nx === 0 && ny === 0) addDot(this.#mask, x, y, this.#half * 2 * DOT);
    else this.#mask.edge(x - nx, y - ny, x + nx, y + ny);
    this.#x = this.#y = NaN;
    this.#nx = this.#ny = 0;
  }
}

const DOT_CORNERS = Array.from({ length: 9 }, (_, i) => {
  const angle = ((i + 0.5) * Math.PI) / 4;
  return [Math.cos(angle), Math.sin(angle)] as const;
});

function addDot(mask: CoverageMask, x: number, y: number, radius: number): void {
  for (let i = 0; i < 8; i++) {
    const [fromX, fromY] = DOT_CORNERS[i]!;
    const [toX, toY] = DOT_CORNERS[i + 1]!;
    mask.edge(x + fromX * radius, y + fromY * radius, x + toX * radius, y + toY * radius);
  }
}
