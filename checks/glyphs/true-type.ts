/** A point of an outline, in units of the font. Points that are not on the curve are control points. */
export interface OutlinePoint {
  readonly x: number;
  readonly y: number;
  readonly isOnCurve: boolean;
}

export interface Glyph {
  readonly advance: number;
  readonly contours: readonly (readonly OutlinePoint[])[];
}

const WORDS = 0x01;
const OFFSETS = 0x02;
const SCALE = 0x08;
const MORE = 0x20;
const TWO_SCALES = 0x40;
const MATRIX = 0x80;

/** Reads outlines of a TrueType font whose characters are listed in a table of format 4. */
export class TrueTypeFont {
  readonly unitsPerEm: number;
  readonly #view: DataView;
  readonly #tables = new Map<string, number>();
  readonly #hasLongOffsets: boolean;
  readonly #widths: number;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = this.#view.getUint16(4);
    for (let i = 0; i < count; i++) {
      const at = 12 + 16 * i;
      const tag = String.fromCharCode(...[0, 1, 2, 3].map((byte) => bytes[at + byte]!));
      this.#tables.set(tag, this.#view.getUint32(at + 8));
    }
    this.unitsPerEm = this.#view.getUint16(this.#table("head") + 18);
    this.#hasLongOffsets = this.#view.getInt16(this.#table("head") + 50) === 1;
    this.#widths = this.#view.getUint16(this.#table("hhea") + 34);
  }

  #table(tag: string): number {
    const at = this.#tables.get(tag);
    if (at === undefined) throw new Error(`the font has no table "${tag}"; use a TrueType font`);
    return at;
  }

  /** Returns the glyph of a character, or undefined if the font does not have the character. */
  glyphOf(code: number): Glyph | undefined {
    const index = this.#indexOf(code);
    if (index === 0) return undefined;
    const advance = this.#view.getUint16(this.#table("hmtx") + 4 * Math.min(index, this.#widths - 1));
    return { advance, contours: this.#contours(index) };
  }

  #indexOf(code: number): number {
    const view = this.#view;
    const start = this.#table("cmap");
    const tables = view.getUint16(start + 2);
    for (let i = 0; i < tables; i++) {
      const table = start + view.getUint32(start + 8 + 8 * i);
      if (view.getUint16(table) === 4) return this.#indexIn(table, code);
    }
    throw new Error("the font has no character table of format 4; use another font");
  }

  #indexIn(table: number, code: number): number {
    const view = this.#view;
    const doubled = view.getUint16(table + 6);
    for (let i = 0; i < doubled; i += 2) {
      if (view.getUint16(table + 14 + i) < code) continue;
      const first = view.getUint16(table + 16 + doubled + i);
      if (first > code) return 0;
      const delta = view.getUint16(table + 16 + 2 * doubled + i);
      const place = table + 16 + 3 * doubled + i;
      const offset = view.getUint16(place);
      if (offset === 0) return (code + delta) & 0xffff;
      const index = view.getUint16(place + offset + 2 * (code - first));
      return index === 0 ? 0 : (index + delta) & 0xffff;
    }
    return 0;
  }

  #contours(index: number): OutlinePoint[][] {
    const view = this.#view;
    const loca = this.#table("loca");
    const offset = (i: number): number =>
      this.#hasLongOffsets ? view.getUint32(loca + 4 * i) : 2 * view.getUint16(loca + 2 * i);
    if (offset(index) === offset(index + 1)) return [];
    const at = this.#table("glyf") + offset(index);
    const count = view.getInt16(at);
    return count >= 0 ? this.#simple(at + 10, count) : this.#composite(at + 10);
  }

  #simple(at: number, count: number): OutlinePoint[][] {
    const view = this.#view;
    const ends = Array.from({ length: count }, (_, i) => view.getUint16(at + 2 * i));
    const total = (ends.at(-1) ?? -1) + 1;
    let next = at + 2 * count;
    next += 2 + view.getUint16(next);
    const flags: number[] = [];
    while (flags.length < total) {
      const flag = view.getUint8(next++);
      flags.push(flag);
      if ((flag & 8) !== 0) for (let repeats = view.getUint8(next++); repeats > 0; repeats--) flags.push(flag);
    }
    const read = (short: number, same: number): number[] => {
      let value = 0;
      return flags.map((flag) => {
        if ((flag & short) !== 0) value += view.getUint8(next++) * ((flag & same) === 0 ? -1 : 1);
        else if ((flag & same) === 0) {
          value += view.getInt16(next);
          next += 2;
        }
        return value;
      });
    };
    const xs = read(2, 16);
    const ys = read(4, 32);
    const points = flags.map((flag, i) => ({ x: xs[i]!, y: ys[i]!, isOnCurve: (flag & 1) !== 0 }));
    return ends.map((end, i) => points.slice(i === 0 ? 0 : ends[i - 1]! + 1, end + 1));
  }

  #composite(start: number): OutlinePoint[][] {
    const view = this.#view;
    const contours: OutlinePoint[][] = [];
    let at = start;
    for (let flags = MORE; (flags & MORE) !== 0;) {
      flags = view.getUint16(at);
      const part = view.getUint16(at + 2);
      at += 4;
      if ((flags & OFFSETS) === 0) throw new Error("the font places parts of glyphs by points; use another font");
      const [dx, dy] =
        (flags & WORDS) !== 0 ? [view.getInt16(at), view.getInt16(at + 2)] : [view.getInt8(at), view.getInt8(at + 1)];
      at += (flags & WORDS) !== 0 ? 4 : 2;
      const number = (): number => view.getInt16((at += 2) - 2) / 16_384;
      let [a, b, c, d] = [1, 0, 0, 1];
      if ((flags & SCALE) !== 0) a = d = number();
      else if ((flags & TWO_SCALES) !== 0) [a, d] = [number(), number()];
      else if ((flags & MATRIX) !== 0) [a, b, c, d] = [number(), number(), number(), number()];
      for (const contour of this.#contours(part)) {
        const moved = contour.map(({ x, y, isOnCurve }) => ({
          x: a * x + c * y + dx,
          y: b * x + d * y + dy,
          isOnCurve,
        }));
        contours.push(moved);
      }
    }
    return contours;
  }
}
