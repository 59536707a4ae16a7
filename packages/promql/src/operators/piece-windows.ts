import type { SamplePieces } from "@narthex/storage";
import type { WindowFrame } from "./operator.ts";

/** A sample of each step's window, by piece and index in it. */
export interface Places {
  readonly piece: Int32Array;
  readonly index: Int32Array;
}

/**
 * Where windows lie in a series that is told in pieces. Only the samples at both ends of a window are looked for, by
 * arithmetic where times are regular: what lies between costs nothing.
 */
export class PieceWindows {
  /** Step i looks at samples from[i] … to[i]-1 of the series. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The first sample of each window, the last, and the one before the last; where a window has none, anything. */
  readonly first: Places;
  readonly last: Places;
  readonly previous: Places;
  /** Samples in all windows, each as often as it is in one; and each once. */
  looked = 0;
  fresh = 0;
  /** Changes whenever windows come to lie elsewhere. */
  layout = 0;
  readonly #firstEnd: number;
  readonly #stride: number;
  readonly #rangeMs: number;
  /** Of the series before this one: first and last times and distances of its pieces. */
  #laid = new Float64Array(0);
  #laidCount = -1;
  /** Where moveBeyond() has come to. */
  #piece = 0;
  #index = 0;

  constructor({ grid, firstEnd, stride, rangeMs }: Pick<WindowFrame, "grid" | "firstEnd" | "stride" | "rangeMs">) {
    const places = (): Places => ({ piece: new Int32Array(grid.count), index: new Int32Array(grid.count) });
    this.from = new Int32Array(grid.count);
    this.to = new Int32Array(grid.count);
    this.first = places();
    this.last = places();
    this.previous = places();
    this.#firstEnd = firstEnd;
    this.#stride = stride;
    this.#rangeMs = rangeMs;
  }

  /** Series of one target have the same times: those need no second look. */
  lay(pieces: SamplePieces): void {
    if (this.#isLaid(pieces)) return;
    this.layout++;
    this.#layEnds(pieces);
    this.#layStarts(pieces);
    this.#count();
    this.#remember(pieces);
  }

  #layEnds(pieces: SamplePieces): void {
    const { to, last, previous } = this;
    this.#piece = this.#index = 0;
    for (let step = 0; step < to.length; step++) {
      this.#moveBeyond(pieces, this.#firstEnd + step * this.#stride);
      const end = pieces.before[this.#piece]! + this.#index;
      to[step] = end;
      if (end > 0) placeBefore(pieces, this.#piece, this.#index, last, step);
      if (end > 1) placeBefore(pieces, last.piece[step]!, last.index[step]!, previous, step);
    }
  }

  #layStarts(pieces: SamplePieces): void {
    const { from, first } = this;
    this.#piece = this.#index = 0;
    for (let step = 0; step < from.length; step++) {
      this.#moveBeyond(pieces, this.#firstEnd + step * this.#stride - this.#rangeMs);
      from[step] = pieces.before[this.#piece]! + this.#index;
      first.piece[step] = this.#piece;
      first.index[step] = this.#index;
    }
  }

  /** Moves on to the first sample whose time lies behind `bound`; behind the last piece where there is none. */
  #moveBeyond(pieces: SamplePieces, bound: number): void {
    const { last, first, step, before } = pieces;
    while (this.#piece < pieces.count && last[this.#piece]! <= bound) {
      this.#piece++;
      this.#index = 0;
    }
    const piece = this.#piece;
    if (piece === pieces.count || first[piece]! > bound) return;
    if (step[piece] !== 0) {
      this.#index = Math.floor((bound - first[piece]!) / step[piece]!) + 1;
      return;
    }
    const end = before[piece + 1]! - before[piece]!;
    while (this.#index < end && pieces.timeAt(piece, this.#index) <= bound) this.#index++;
  }

  #count(): void {
    const { from, to } = this;
    let looked = 0;
    let fresh = 0;
    let known = 0;
    for (let step = 0; step < from.length; step++) {
      looked += to[step]! - from[step]!;
      fresh += to[step]! - Math.max(known, from[step]!);
      known = to[step]!;
    }
    this.looked = looked;
    this.fresh = fresh;
  }

  #isLaid({ count, first, last, step }: SamplePieces): boolean {
    if (count !== this.#laidCount) return false;
    const laid = this.#laid;
    for (let i = 0, at = 0; i < count; i++, at += 3) {
      if (laid[at] !== first[i] || laid[at + 1] !== last[i] || laid[at + 2] !== step[i] || step[i] === 0) return false;
    }
    return true;
  }

  #remember({ count, first, last, step }: SamplePieces): void {
    if (this.#laid.length < count * 3) this.#laid = new Float64Array(count * 6);
    this.#laidCount = count;
    for (let i = 0; i < count; i++) {
      this.#laid[i * 3] = first[i]!;
      this.#laid[i * 3 + 1] = last[i]!;
      this.#laid[i * 3 + 2] = step[i]!;
    }
  }
}

/** The sample before a place. */
function placeBefore(pieces: SamplePieces, piece: number, index: number, into: Places, step: number): void {
  while (index === 0) {
    piece--;
    index = pieces.before[piece + 1]! - pieces.before[piece]!;
  }
  into.piece[step] = piece;
  into.index[step] = index - 1;
}

/** Values at places: of the steps whose window has at least `least` samples. */
export function valuesAt(
  pieces: SamplePieces,
  { piece: at, index }: Places,
  { from, to }: Pick<PieceWindows, "from" | "to">,
  least: number,
  into: Float64Array,
): void {
  let piece = -1;
  let base = 0;
  let offset = 0;
  let words: Int32Array | undefined;
  let doubles: Float64Array | undefined;
  for (let step = 0; step < from.length; step++) {
    if (to[step]! - from[step]! < least) continue;
    if (at[step] !== piece) {
      piece = at[step]!;
      words = pieces.words[piece];
      doubles = pieces.doubles[piece];
      base = pieces.base[piece]!;
      offset = pieces.at[piece]!;
    }
    const slot = offset + index[step]!;
    into[step] = words === undefined ? doubles![slot]! : base + words[slot]!;
  }
}

/** Times at places, the same way. */
export function timesAt(
  pieces: SamplePieces,
  { piece, index }: Places,
  { from, to }: Pick<PieceWindows, "from" | "to">,
  least: number,
  into: Float64Array,
): void {
  for (let step = 0; step < from.length; step++) {
    if (to[step]! - from[step]! >= least) into[step] = pieces.timeAt(piece[step]!, index[step]!);
  }
}
