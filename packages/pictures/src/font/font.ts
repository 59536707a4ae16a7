import { inflateRawSync } from "node:zlib";
import { packedGlyphs } from "./glyphs.ts";

/** Units of an em in the outlines. */
const EM = 512;
/** Height of capital letters, in parts of the font size. */
export const CAPITAL_HEIGHT = 0.73;
/** Glyph of characters that the font does not contain. */
const REPLACEMENT = 0xfffd;

/** The outline of a character. Lengths are in parts of the font size; y grows downwards from the baseline. */
export interface Glyph {
  /** Width of the character. */
  readonly advance: number;
  readonly contours: readonly Contour[];
}

/** A closed curve of straight and quadratic parts. Points with `isOnCurve` 0 are control points. */
export interface Contour {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly isOnCurve: Uint8Array;
}

/**
 * Reads the packed glyphs. Each glyph has these numbers: distance to the code of the last glyph, width, number of
 * contours, and for each contour the number of points and the points. A point is the distance from the last point. The
 * lowest bit of its x says whether the point is on the curve. Numbers have 7 bits in a byte, the lowest bits first.
 */
class GlyphReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  glyph(): Glyph {
    const advance = this.varint() / EM;
    const pen = { x: 0, y: 0 };
    const contours = Array.from({ length: this.varint() }, () => this.#contour(pen));
    return { advance, contours };
  }

  #contour(pen: { x: number; y: number }): Contour {
    const length = this.varint();
    const [xs, ys, isOnCurve] = [new Float64Array(length), new Float64Array(length), new Uint8Array(length)];
    for (let i = 0; i < length; i++) {
      const x = this.varint();
      isOnCurve[i] = x & 1;
      pen.x += signed(x >>> 1);
      pen.y += signed(this.varint());
      xs[i] = pen.x / EM;
      ys[i] = -pen.y / EM;
    }
    return { xs, ys, isOnCurve };
  }
}

const signed = (value: number): number => (value & 1 ? -((value + 1) >>> 1) : value >>> 1);

let known: ReadonlyMap<number, Glyph> | undefined;

/** Returns the glyphs by the codes of their characters. */
function glyphs(): ReadonlyMap<number, Glyph> {
  if (known !== undefined) return known;
  const reader = new GlyphReader(inflateRawSync(Buffer.from(packedGlyphs, "base64")));
  const read = new Map<number, Glyph>();
  for (let code = 0; reader.hasMore;) {
    code += reader.varint();
    read.set(code, reader.glyph());
  }
  return (known = read);
}

/** Returns the glyph of a character, or a sign for characters that the font does not contain. */
export const glyphOf = (character: string): Glyph =>
  glyphs().get(character.codePointAt(0) ?? REPLACEMENT) ?? glyphs().get(REPLACEMENT)!;

/** Returns the width of a text in pixels. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) width += glyphOf(character).advance;
  return width * size;
}
