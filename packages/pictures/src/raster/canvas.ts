import type { Steps } from "@narthex/runtime";
import { type Channels, CoverageMask } from "./coverage-mask.ts";
import type { Rect } from "../scene/rect.ts";
import type { Paint } from "../scene/scene.ts";

/** The pixels of a picture: three bytes each, red, green and blue. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  readonly mask: CoverageMask;

  constructor(width: number, height: number, background: string) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(3 * width * height);
    this.mask = new CoverageMask(width, height);
    const { r, g, b } = channelsOf(background);
    if (r === g && g === b) this.pixels.fill(r);
    else for (let i = 0; i < this.pixels.length; i += 3) this.pixels.set([r, g, b], i);
  }

  /** Fills a rectangle. Pixels that the rectangle covers in part are blended. */
  *fillBox({ x, y, width, height }: Rect, paint: Paint): Steps<void> {
    this.mask.begin(0, this.height);
    this.mask.edge(x, y, x, y + height);
    this.mask.edge(x + width, y + height, x + width, y);
    yield* this.paintMask(paint);
  }

  /** Paints the polygons of the mask, and empties the mask. */
  paintMask({ color, opacity = 1 }: Paint): Steps<void> {
    return this.mask.paintOn(this.pixels, channelsOf(color), opacity);
  }
}

const channelsOf = (color: string): Channels => {
  const value = Number.parseInt(color.slice(1, 7), 16) || 0;
  return { r: value >> 16, g: (value >> 8) & 255, b: value & 255 };
};
