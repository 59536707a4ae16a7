import { compareBytewise } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { FileScan } from "./file-scan.ts";
import { checkedSection, scanSection } from "./index-section.ts";
import type { PagedFile } from "./page-cache.ts";

/** Sampling interval: every 32nd value of a label is kept in memory, with the position of its table entry. */
const SAMPLE = 32;
/** Number of table entries that are read in one step, between two yields to other work. */
const STEP = 8192;

/** Positions of the table entries of one label name. */
interface LabelRange {
  /**
   * Texts of the sampled label values in ascending order, concatenated as UTF-8. Value number i ends before `ends[i]`.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
  /** File offsets of the table entries of the sampled values. */
  readonly places: Float64Array<ArrayBuffer>;
  readonly count: number;
  /** Position in the file after the last entry of the label. */
  readonly end: number;
}

/** The part of a postings table that is kept in memory. The object can be posted to another thread. */
export interface PostingsTableImage {
  readonly sorted: boolean;
  readonly end: number;
  readonly labels: ReadonlyMap<string, LabelRange>;
}

interface Entry {
  readonly name: string;
  readonly value: string;
  readonly list: number;
}

/**
 * The postings table of an index, which finds the list of series with a label. Only every 32nd entry of the table is in
 * memory.
 */
export class PostingsTable {
  readonly #file: PagedFile;
  /** Whether the table is sorted. The table of index version 1 is not sorted, so it is kept in memory completely. */
  readonly #sorted: boolean;
  readonly #labels: ReadonlyMap<string, LabelRange>;
  readonly #end: number;
  readonly image: PostingsTableImage;

  /** @param image the part of the table that is kept in memory, read on this or another thread */
  constructor(file: PagedFile, image: PostingsTableImage) {
    this.#file = file;
    this.image = image;
    this.#sorted = image.sorted;
    this.#labels = image.labels;
    this.#end = image.end;
  }

  /** Reads the table's section at an offset. Throws BlockError. */
  static *read(file: PagedFile, offset: number, sorted: boolean): Steps<PostingsTable> {
    const section = yield* checkedSection(file, offset);
    const scan = scanSection(file, section);
    if (scan.rest < 4) file.fail(offset, "the postings table has no count");
    scan.need(4);
    const count = scan.bytes.readUInt32BE(scan.at);
    scan.at += 4;
    const drafts = new Map<string, RangeDraft>();
    const names = new NameMemory();
    for (let i = 0; i < count; i++) {
      if (scan.rest === 0) file.fail(offset, `the table should have ${count} entries, but has ${i}`);
      note(scan, file, names, drafts, sorted);
      if (i % STEP === STEP - 1) yield;
    }
    const labels = new Map<string, LabelRange>();
    for (const [name, draft] of drafts) labels.set(name, draft.finish(sorted));
    return new PostingsTable(file, { sorted, end: section.end, labels });
  }

  /** All label names, sorted, without the empty name. */
  names(): string[] {
    const names = [...this.#labels.keys()].filter((name) => name !== "");
    return this.#sorted ? names : names.sort(compareBytewise);
  }

  /** Returns the position of a label's postings list; -1 if no series has the label. */
  find(name: string, value: string): number {
    const range = this.#labels.get(name);
    if (range === undefined) return -1;
    const sample = lastNotAbove(range, value);
    if (sample < 0) return -1;
    const scan = this.#scan(range.places[sample]!, this.#sorted ? (range.places[sample + 1] ?? range.end) : this.#end);
    for (let i = 0; i < SAMPLE && scan.rest > 0; i++) {
      const entry = readEntry(scan, this.#file);
      if (entry.value === value) return entry.list;
      if (!this.#sorted) return -1;
    }
    return -1;
  }

  /**
   * Visits the values of a label that begin with a prefix, in ascending order, with the positions of their postings
   * lists.
   */
  forEach(name: string, prefix: string, visit: (value: string, list: number) => void): void {
    const range = this.#labels.get(name);
    if (range === undefined) return;
    if (!this.#sorted) {
      for (const [i, place] of range.places.entries()) {
        const value = textAt(range, i);
        if (value.startsWith(prefix)) visit(value, readEntry(this.#scan(place, this.#end), this.#file).list);
      }
      return;
    }
    const scan = this.#scan(range.places[Math.max(0, lastNotAbove(range, prefix))]!, range.end);
    while (scan.rest > 0) {
      const { value, list } = readEntry(scan, this.#file);
      if (value.startsWith(prefix)) visit(value, list);
      else if (compareBytewise(value, prefix) > 0) return;
    }
  }

  get nameCount(): number {
    return this.#labels.size - (this.#labels.has("") ? 1 : 0);
  }

  /** Number of different values of a label. */
  valueCount(name: string): number {
    return this.#labels.get(name)?.count ?? 0;
  }

  #scan(start: number, end: number): FileScan {
    return scanSection(this.#file, { start, end });
  }
}

/**
 * Decodes label names. Keeps the bytes of the previous entry's name, because most entries repeat the name and then need
 * no decoding.
 */
class NameMemory {
  #name = "";
  #bytes = new Uint8Array(0);

  at(bytes: Buffer, start: number, end: number): string {
    if (!this.#isSame(bytes, start, end)) {
      this.#bytes = Uint8Array.from(bytes.subarray(start, end));
      this.#name = bytes.toString("utf8", start, end);
    }
    return this.#name;
  }

  #isSame(bytes: Uint8Array, start: number, end: number): boolean {
    const known = this.#bytes;
    if (known.length !== end - start) return false;
    for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
    return true;
  }
}

/**
 * Reads a table entry `2 u8 | name | value | place uvarint`. `place` is the offset of the postings list in the file.
 */
function readEntry(scan: FileScan, file: PagedFile): Entry {
  readKeys(scan, file);
  const name = readText(scan, file);
  const value = readText(scan, file);
  return { name, value, list: scan.uvarint() };
}

function readKeys(scan: FileScan, file: PagedFile): void {
  const place = scan.position;
  scan.need(1);
  const keys = scan.bytes[scan.at++]!;
  if (keys !== 2) file.fail(place, `an entry of the postings table has ${keys} keys, not 2`);
}

function readText(scan: FileScan, file: PagedFile): string {
  const length = readLength(scan, file);
  const text = scan.bytes.toString("utf8", scan.at, scan.at + length);
  scan.at += length;
  return text;
}

/** Reads the length of a text and makes the text's bytes available. */
function readLength(scan: FileScan, file: PagedFile): number {
  const length = scan.uvarint();
  if (length > scan.rest) file.fail(scan.position, `a text of ${length} bytes does not fit into the postings table`);
  scan.need(length);
  return length;
}

/**
 * Adds a table entry to the range of its label. Most entries are not decoded but skipped by their lengths, since this
 * loop determines how long opening a block takes.
 */
function note(
  scan: FileScan,
  file: PagedFile,
  names: NameMemory,
  drafts: Map<string, RangeDraft>,
  sorted: boolean,
): void {
  const place = scan.position;
  readKeys(scan, file);
  const nameLength = readLength(scan, file);
  const name = names.at(scan.bytes, scan.at, scan.at + nameLength);
  scan.at += nameLength;
  let draft = drafts.get(name);
  if (draft === undefined) {
    draft = new RangeDraft();
    drafts.set(name, draft);
  }
  const length = readLength(scan, file);
  if (!sorted || draft.count % SAMPLE === 0) draft.add(scan.bytes, scan.at, scan.at + length, place);
  scan.at += length;
  scan.uvarint();
  draft.count++;
  draft.end = scan.position;
}

/** Collects the positions of a label's entries while they are read. */
class RangeDraft {
  count = 0;
  end = 0;
  #bytes = new Uint8Array(64);
  #used = 0;
  readonly #ends: number[] = [];
  readonly #places: number[] = [];

  /** Adds a sampled value (bytes [start, end)), and the position of its table entry. */
  add(bytes: Uint8Array, start: number, end: number, place: number): void {
    const used = this.#used + end - start;
    if (used > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(used, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(start, end), this.#used);
    this.#used = used;
    this.#ends.push(used);
    this.#places.push(place);
  }

  finish(sorted: boolean): LabelRange {
    const range = {
      bytes: this.#bytes.slice(0, this.#used),
      ends: Uint32Array.from(this.#ends),
      places: Float64Array.from(this.#places),
      count: this.count,
      end: this.end,
    };
    return sorted ? range : sortedByValue(range);
  }
}

const startOf = ({ ends }: LabelRange, i: number): number => (i === 0 ? 0 : ends[i - 1]!);

function textAt(range: LabelRange, i: number): string {
  return Buffer.from(range.bytes.buffer).toString("utf8", startOf(range, i), range.ends[i]);
}

/** Returns the index of the last sampled value that is not above `value`; -1 if all are above. */
function lastNotAbove(range: LabelRange, value: string): number {
  const bytes = Buffer.from(range.bytes.buffer);
  const wanted = Buffer.from(value);
  let low = 0;
  let high = range.ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (wanted.compare(bytes, startOf(range, middle), range.ends[middle]) >= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function sortedByValue(range: LabelRange): LabelRange {
  const values = Array.from(range.ends, (end, i) => range.bytes.subarray(startOf(range, i), end));
  const order = values.map((_, i) => i).sort((a, b) => Buffer.compare(values[a]!, values[b]!));
  let end = 0;
  return {
    ...range,
    bytes: new Uint8Array(Buffer.concat(order.map((i) => values[i]!))),
    ends: Uint32Array.from(order, (i) => (end += values[i]!.length)),
    places: Float64Array.from(order, (i) => range.places[i]!),
  };
}
