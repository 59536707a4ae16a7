import { MAX_TIME_MS } from "../append/float-chunks.ts";
import { XorBatchEncoder } from "./xor-batch-encoder.ts";
import type { Head } from "../head.ts";
import { type LoggedSamples, SAMPLE_WORDS } from "./logged-samples.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/**
 * Number of series whose chunks are loaded into the CPU's cache together. Otherwise, waiting for the memory of each
 * series takes a third of the time.
 */
const GROUP_ROWS = 16;

/**
 * Collects samples of the log until they are encoded, as one linked list (run) per series. A run is a ring of
 * positions: the first word of a sample (its reference) is replaced by the position of the series' next sample. The
 * newest sample has the position of the oldest sample.
 */
export class ReplayBuffer {
  readonly #head: Head;
  readonly #runs: XorBatchEncoder;
  #samples: LoggedSamples | undefined;
  /** Position + 1 of the newest collected sample, by row; 0 if the series has no collected samples. */
  #tails = new Int32Array(1024);
  /** Row number after the last row with collected samples. */
  #end = 0;

  constructor(head: Head) {
    this.#head = head;
    this.#runs = head.xorBatchEncoder();
  }

  /**
   * Adds the samples [from, to) to the runs of their series. `rowOf` returns the row of a reference, or 0 if it is
   * unknown. All samples must be encoded before samples of other columns are added.
   */
  take(samples: LoggedSamples, from: number, to: number, rowOf: (ref: number) => SeriesRow): void {
    this.#samples = samples;
    const { series } = this.#head.memory;
    if (this.#tails.length < series.end) this.#grow(series.end);
    const tails = this.#tails;
    const { words, baseTime } = samples;
    const { lastTime } = series.at;
    // Time before which samples are skipped, because blocks contain them.
    const minTime = Math.max(this.#head.minValidTime, -MAX_TIME_MS) - baseTime;
    const maxTime = MAX_TIME_MS - baseTime;
    let end = this.#end;
    for (let i = from, at = from * SAMPLE_WORDS; i < to; i++, at += SAMPLE_WORDS) {
      const row = rowOf(words[at]! >>> 0);
      const time = words[at + 1]!;
      // Skips a sample that is not newer than its series' newest sample, because chunk files may already contain it.
      if (row === 0 || time < minTime || time > maxTime || baseTime + time <= lastTime[row]!) continue;
      const tail = tails[row]!;
      if (tail === 0) words[at] = i;
      else {
        const last = (tail - 1) * SAMPLE_WORDS;
        words[at] = words[last]!;
        words[last] = i;
      }
      tails[row] = i + 1;
      if (row >= end) end = row + 1;
    }
    this.#end = end;
  }

  /** Encodes the collected samples of a series. Must be called before other data of the series is added. */
  encodeRow(row: SeriesRow): void {
    const tail = this.#tails[row] ?? 0;
    if (tail === 0) return;
    this.#tails[row] = 0;
    const { capacity } = this.#head.memory;
    if (!capacity.hasReserve) capacity.refuseSamples(runLength(this.#samples!, tail - 1));
    else if (this.#head.encodings.floatsXor2) this.#insertEach(row, this.#samples!, tail - 1);
    else this.#runs.append(row, this.#samples!, tail - 1);
  }

  #insertEach(row: SeriesRow, { words, baseTime }: LoggedSamples, tail: number): void {
    for (let place = tail; ;) {
      place = words[place * SAMPLE_WORDS]!;
      const at = place * SAMPLE_WORDS;
      this.#head.insertFloat(row, baseTime + words[at + 1]!, words[at + 3]!, words[at + 2]!);
      if (place === tail) return;
    }
  }

  /** Encodes all collected samples. Calls `encoded` after every few series. */
  encodeAll(encoded: () => void): void {
    const group = new Int32Array(GROUP_ROWS);
    let size = 0;
    for (let row = 1; row < this.#end; row++) {
      if (this.#tails[row] === 0) continue;
      group[size++] = row;
      this.#runs.touch(row);
      if (size < GROUP_ROWS) continue;
      for (const each of group) this.encodeRow(each);
      size = 0;
      encoded();
    }
    for (let i = 0; i < size; i++) this.encodeRow(group[i]!);
    encoded();
    this.#end = 0;
    const { minTime, maxTime } = this.#runs;
    if (minTime > maxTime) return;
    this.#head.seen(minTime);
    this.#head.seen(maxTime);
  }

  #grow(rows: number): void {
    const tails = new Int32Array(Math.max(rows, this.#tails.length * 2));
    tails.set(this.#tails);
    this.#tails = tails;
  }
}

function runLength({ words }: LoggedSamples, tail: number): number {
  let length = 1;
  for (let place = words[tail * SAMPLE_WORDS]!; place !== tail; place = words[place * SAMPLE_WORDS]!) length++;
  return length;
}
