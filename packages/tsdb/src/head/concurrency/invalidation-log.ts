import type { Invalidations } from "@narthex/storage";

const SEQUENCE = 0;
const COUNT = 1;
const HEADER_BYTES = 16;
/** Index of the newest version in the shared array of the log. FIRST_ENTRY is the index of the first entry. */
const VERSION = 0;
const FIRST_ENTRY = 1;
/**
 * Number of entries in the log. At 25 commits a second, the last two minutes are exact. Older entries become coarser
 * with age.
 */
const CAPACITY = 4096;
const BUFFER_BYTES = HEADER_BYTES + 8 * (FIRST_ENTRY + 2 * CAPACITY);

/**
 * Records, for caches of query results, from which time on samples may have changed since a version. One thread writes
 * this shared memory, and any thread reads it. A later entry with the same or an earlier time replaces an entry, so the
 * first entry after a version has the smallest time of all changes after that version.
 */
export class InvalidationLog implements Invalidations {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;

  /** @param buffer memory of another thread's log; by default new memory */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(BUFFER_BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, 2);
    this.#numbers = new Float64Array(buffer, HEADER_BYTES);
  }

  get version(): number {
    return this.#read(() => this.#numbers[VERSION]!);
  }

  unchangedBefore(version: number): number {
    return this.#read(() => {
      const count = Math.min(this.#words[COUNT]!, CAPACITY);
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.#versionAt(middle) > version) high = middle;
        else low = middle + 1;
      }
      return low === count ? Infinity : this.#timeAt(low);
    });
  }

  /**
   * Records that samples from `time` on may have changed. Must be called before readers can see the first change, and a
   * second time when they can see the last change. A result that was read between the two calls is then valid for
   * neither version.
   */
  note(time: number): void {
    if (time === Infinity) return;
    const words = this.#words;
    Atomics.add(words, SEQUENCE, 1);
    const version = ++this.#numbers[VERSION]!;
    let count = words[COUNT]!;
    while (count > 0 && this.#timeAt(count - 1) >= time) count--;
    if (count === CAPACITY) count = this.#thin();
    this.#set(count, time, version);
    words[COUNT] = count + 1;
    Atomics.add(words, SEQUENCE, 1);
  }

  /**
   * Merges the older half of the entries in pairs. A merged entry has the later version and the earlier time of the
   * pair.
   */
  #thin(): number {
    const half = CAPACITY / 2;
    for (let i = 0; i < half; i += 2) this.#set(i / 2, this.#timeAt(i), this.#versionAt(i + 1));
    for (let i = half; i < CAPACITY; i++) this.#set(i - half / 2, this.#timeAt(i), this.#versionAt(i));
    return CAPACITY - half / 2;
  }

  #timeAt(entry: number): number {
    return this.#numbers[FIRST_ENTRY + 2 * entry]!;
  }

  #versionAt(entry: number): number {
    return this.#numbers[FIRST_ENTRY + 2 * entry + 1]!;
  }

  #set(entry: number, time: number, version: number): void {
    this.#numbers[FIRST_ENTRY + 2 * entry] = time;
    this.#numbers[FIRST_ENTRY + 2 * entry + 1] = version;
  }

  /**
   * Repeats `body`, which reads the log, until no write interrupts it. A write takes far less than a microsecond,
   * except if entries are merged.
   */
  #read(body: () => number): number {
    for (;;) {
      const sequence = Atomics.load(this.#words, SEQUENCE);
      if (sequence % 2 !== 0) continue;
      const result = body();
      // Uses `Atomics.add` of 0 as a memory barrier, because an atomic load is not a memory barrier.
      if (Atomics.add(this.#words, SEQUENCE, 0) === sequence) return result;
    }
  }
}
