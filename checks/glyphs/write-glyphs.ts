/**
 * Writes the glyphs of pictures: `node checks/glyphs/write-glyphs.ts DejaVuSans.ttf`. packages/pictures/src/font/font.ts
 * describes the format.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { root } from "../sources.ts";
import { type Glyph, TrueTypeFont } from "./true-type.ts";

/** Units of an em in the written outlines. */
const EM = 512;

/** Ranges of characters that pictures can show. The font has no glyphs for some characters of these ranges. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0xa0, 0x17f],
  [0x2c6, 0x2dd],
  [0x370, 0x3ff],
  [0x400, 0x45f],
  [0x490, 0x491],
  [0x2010, 0x2026],
  [0x2030, 0x203a],
  [0x2070, 0x208e],
  [0x20ac, 0x20ac],
  [0x2122, 0x2126],
  [0x2190, 0x2199],
  [0x2200, 0x2265],
  [0x25a0, 0x25cf],
  [0x2713, 0x2718],
  [0xfffd, 0xfffd],
];

class Writer {
  readonly bytes: number[] = [];

  varint(value: number): void {
    for (let rest = value; ; rest >>>= 7) {
      this.bytes.push(rest < 128 ? rest : (rest & 127) | 128);
      if (rest < 128) return;
    }
  }

  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }
}

function writeGlyph(out: Writer, glyph: Glyph, scale: number): void {
  out.varint(Math.round(glyph.advance * scale));
  out.varint(glyph.contours.length);
  let [x, y] = [0, 0];
  for (const contour of glyph.contours) {
    out.varint(contour.length);
    for (const point of contour) {
      const [toX, toY] = [Math.round(point.x * scale), Math.round(point.y * scale)];
      const dx = toX - x;
      // The lowest bit of the first number says whether the point is on the curve.
      out.varint((dx < 0 ? -2 * dx - 1 : 2 * dx) * 2 + (point.isOnCurve ? 1 : 0));
      out.signed(toY - y);
      [x, y] = [toX, toY];
    }
  }
}

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: node checks/glyphs/write-glyphs.ts DejaVuSans.ttf");
const font = new TrueTypeFont(readFileSync(path));
const out = new Writer();
let last = 0;
for (const [first, end] of RANGES) {
  for (let code = first; code <= end; code++) {
    const glyph = font.glyphOf(code);
    if (glyph === undefined) continue;
    out.varint(code - last);
    last = code;
    writeGlyph(out, glyph, EM / font.unitsPerEm);
  }
}
const packed = deflateRawSync(Uint8Array.from(out.bytes), { level: 9 }).toString("base64");
writeFileSync(
  join(root, "packages/pictures/src/font/glyphs.ts"),
  `// Written by checks/glyphs/write-glyphs.ts from DejaVu Sans. The file LICENSE of this folder contains its licence.

/** Outlines of the glyphs, compressed. \`font.ts\` describes the format. */
export const packedGlyphs: string =
  "${packed}";
`,
);
