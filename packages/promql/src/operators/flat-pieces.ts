import type { SamplePieces } from "@narthex/storage";

/**
 * Samples that are told in pieces, side by side in memory that is used again: for kernels that look at each of them.
 * Series of one target have the same times: those are written once.
 */
export class FlatPieces {
  timestamps = new Float64Array(0);
  values = new Float64Array(0);
  /** Whose times those are. */
  #layout = -1;

  /** `layout` changes whenever times do. */
  lay(pieces: SamplePieces, layout: number): void {
    this.#reserve(pieces.samples);
    if (layout !== this.#layout) writeTimes(pieces, this.timestamps);
    this.#layout = layout;
    writeValues(pieces, this.values);
  }

  #reserve(count: number): void {
    if (count <= this.values.length) return;
    const size = Math.max(count, this.values.length * 2);
    this.timestamps = new Float64Array(size);
    this.values = new Float64Array(size);
    this.#layout = -1;
  }
}

function writeTimes({ count, before, first, step, times, timesAt, origin }: SamplePieces, into: Float64Array): void {
  for (let piece = 0; piece < count; piece++) {
    const begin = before[piece]!;
    const samples = before[piece + 1]! - begin;
    const distances = times[piece];
    const [start, distance] = [first[piece]!, step[piece]!];
    if (distances === undefined) {
      for (let i = 0; i < samples; i++) into[begin + i] = start + i * distance;
    } else {
      const [base, from] = [origin[piece]!, timesAt[piece]!];
      for (let i = 0; i < samples; i++) into[begin + i] = base + distances[from + i]!;
    }
  }
}

function writeValues({ count, before, words, doubles, base, at }: SamplePieces, into: Float64Array): void {
  for (let piece = 0; piece < count; piece++) {
    const begin = before[piece]!;
    const samples = before[piece + 1]! - begin;
    const distances = words[piece];
    if (distances instanceof Int16Array) addSmall(base[piece]!, distances, at[piece]!, samples, into, begin);
    else if (distances !== undefined) addLarge(base[piece]!, distances, at[piece]!, samples, into, begin);
    else addDoubles(doubles[piece]!, at[piece]!, samples, into, begin);
  }
}

// A loop that meets one kind of array alone is several times as fast as one that meets all.

function addSmall(base: number, from: Int16Array, at: number, count: number, into: Float64Array, begin: number): void {
  for (let i = 0; i < count; i++) into[begin + i] = base + from[at + i]!;
}

function addLarge(base: number, from: Int32Array, at: number, count: number, into: Float64Array, begin: number): void {
  for (let i = 0; i < count; i++) into[begin + i] = base + from[at + i]!;
}

function addDoubles(from: Float64Array, at: number, count: number, into: Float64Array, begin: number): void {
  for (let i = 0; i < count; i++) into[begin + i] = from[at + i]!;
}
