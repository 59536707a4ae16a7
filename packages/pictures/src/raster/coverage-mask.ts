import type { Steps } from "@narthex/runtime";

/** Coverage below which a pixel does not change. */
const NOTHING = 1 / 512;
/** Number of pixels that are painted in one step. */
const PIXELS_PER_STEP = 65_536;

/** A colour; each channel from 0 to 255. */
export interface Channels {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/**
 * Computes how much of each pixel polygons cover. Each edge adds its signed area to the pixels of its rows; the sum of a
 * row up to a pixel is the coverage of the pixel. Polygons must have the same direction. Their coverage is at most 1,
 * also if they overlap.
 */
export class CoverageMask {
  readonly #width: number;
  readonly #height: number;
  readonly #stride: number;
  readonly #sums: Float32Array;
  /** The first and the last changed column of each row. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  #top = 0;
  #bottom = 0;
  #firstRow = Infinity;
  #lastRow = -1;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#stride = width + 2;
    this.#sums = new Float32Array(this.#stride * height);
    this.#first = new Int32Array(height).fill(width + 2);
    this.#last = new Int32Array(height).fill(-1);
  }

  /** Begins a shape that is only drawn between two rows. */
  begin(top: number, bottom: number): void {
    this.#top = Math.max(0, top);
    this.#bottom = Math.min(this.#height, bottom);
  }

  /** Adds an edge of a polygon. Coordinates left and right of the picture are moved to its border. */
  edge(fromX: number, fromY: number, toX: number, toY: number): void {
    if (fromY < toY) this.#addDown(fromX, fromY, toX, toY, 1);
    else if (fromY > toY) this.#addDown(toX, toY, fromX, fromY, -1);
  }

  /** Adds an edge from its upper to its lower end. `sign` is 1 if the polygon has the same direction, else -1. */
  #addDown(upX: number, upY: number, downX: number, downY: number, sign: number): void {
    const start = upY < this.#top ? this.#top : upY;
    const end = downY > this.#bottom ? this.#bottom : downY;
    const slope = (downX - upX) / (downY - upY);
    if (!(start < end) || !(Math.abs(slope) < Infinity)) return;
    const width = this.#width;
    const firstRow = Math.floor(start);
    let x = upX + slope * (start - upY);
    let y = start;
    let row = firstRow;
    for (; y < end; row++) {
      const next = row + 1 < end ? row + 1 : end;
      const nextX = x + slope * (next - y);
      const left = x < nextX ? x : nextX;
      const right = x < nextX ? nextX : x;
      this.#addToRow(
        row,
        left < 0 ? 0 : left > width ? width : left,
        right < 0 ? 0 : right > width ? width : right,
        (next - y) * sign,
      );
      x = nextX;
      y = next;
    }
    if (firstRow < this.#firstRow) this.#firstRow = firstRow;
    if (row - 1 > this.#lastRow) this.#lastRow = row - 1;
  }

  /** Adds the part of an edge in one row. `height` is its signed height. */
  #addToRow(row: number, left: number, right: number, height: number): void {
    const sums = this.#sums;
    const first = Math.floor(left);
    const end = right <= first + 1 ? first + 1 : Math.ceil(right);
    if (first < this.#first[row]!) this.#first[row] = first;
    if (end > this.#last[row]!) this.#last[row] = end;
    const base = row * this.#stride;
    if (end === first + 1) {
      const share = 0.5 * (left + right) - first;
      sums[base + first]! += height * (1 - share);
      sums[base + end]! += height * share;
      return;
    }
    const rate = 0.5 / (right - left);
    let covered = 0;
    let areaBefore = 0;
    for (let column = first; column < end; column++) {
      // Area between the edge and the end of the pixel, from the left end of the edge on.
      const to = column + 1;
      const area = to >= right ? to - 0.5 * (left + right) : rate * (to - left) * (to - left);
      const coverage = area - areaBefore;
      sums[base + column]! += height * (coverage - covered);
      covered = coverage;
      areaBefore = area;
    }
    sums[base + end]! += height * (1 - covered);
  }

  /** Blends a colour into the covered pixels, and empties the mask. A step is a few rows. */
  *paintOn(pixels: Uint8Array, { r, g, b }: Channels, opacity: number): Steps<void> {
    const sums = this.#sums;
    const rowsPerStep = Math.ceil(PIXELS_PER_STEP / this.#width);
    for (let row = this.#firstRow; row <= this.#lastRow; row++) {
      if ((row + 1) % rowsPerStep === 0) yield;
      const base = row * this.#stride;
      const last = Math.min(this.#last[row]!, this.#width + 1);
      let sum = 0;
      for (let column = this.#first[row]!; column <= last; column++) {
        sum += sums[base + column]!;
        sums[base + column] = 0;
        if ((sum < NOTHING && sum > -NOTHING) || column >= this.#width) continue;
        const share = (sum > 1 || sum < -1 ? 1 : sum < 0 ? -sum : sum) * opacity;
        const at = 3 * (row * this.#width + column);
        pixels[at] = pixels[at]! + (r - pixels[at]!) * share + 0.5;
        pixels[at + 1] = pixels[at + 1]! + (g - pixels[at + 1]!) * share + 0.5;
        pixels[at + 2] = pixels[at + 2]! + (b - pixels[at + 2]!) * share + 0.5;
      }
      this.#first[row] = this.#width + 2;
      this.#last[row] = -1;
    }
    this.#firstRow = Infinity;
    this.#lastRow = -1;
  }
}
