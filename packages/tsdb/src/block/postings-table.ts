import { compareBytewise } from "@narthex/model";
import type { FileScan } from "./file-scan.ts";
import { checkedSection, scanSection, type Steps } from "./index-section.ts";
import type { PagedFile } from "./page-cache.ts";

/** Every so many values of a label one is remembered by its place. */
const SAMPLE = 32;
/** Entries per step of reading. */
const STEP = 8192;

/** Where the entries of a label are. */
interface LabelRange {
  /** Sampled values, rising, and where their entries begin. */
  readonly values: string[];
  readonly places: number[];
  count: number;
  /** Where the last entry ends. */
  end: number;
}

interface Entry {
  readonly name: string;
  readonly value: string;
  readonly list: number;
}

/** Finds the list of series per label. Only a sample of the table is in memory. */
export class PostingsTable {
  readonly #file: PagedFile;
  /** Version 1 does not sort its table: all of it is in memory then. */
  readonly #sorted: boolean;
  readonly #labels = new Map<string, LabelRange>();
  readonly #end: number;

  private constructor(file: PagedFile, sorted: boolean, end: number) {
    this.#file = file;
    this.#sorted = sorted;
    this.#end = end;
  }

  /** Reads the table's section at an offset. Throws BlockError. */
  static *read(file: PagedFile, offset: number, sorted: boolean): Steps<PostingsTable> {
    const section = yield* checkedSection(file, offset);
    const scan = scanSection(file, section);
    if (scan.rest < 4) file.fail(offset, "the postings table has no count");
    scan.need(4);
    const count = scan.bytes.readUInt32BE(scan.at);
    scan.at += 4;
    const table = new PostingsTable(file, sorted, section.end);
    const names = new NameMemory();
    for (let i = 0; i < count; i++) {
      if (scan.rest === 0) file.fail(offset, `${count} entries are announced, ${i} are there`);
      table.#note(scan, names);
      if (i % STEP === STEP - 1) yield;
    }
    if (!sorted) for (const range of table.#labels.values()) sortByValue(range);
    return table;
  }

  /** Sorted, without the empty one. */
  names(): string[] {
    const names = [...this.#labels.keys()].filter((name) => name !== "");
    return this.#sorted ? names : names.sort(compareBytewise);
  }

  /** Where the list of a label is; -1 where no series has it. */
  find(name: string, value: string): number {
    const range = this.#labels.get(name);
    if (range === undefined) return -1;
    const sample = lastNotAbove(range.values, value);
    if (sample < 0) return -1;
    const scan = this.#scan(range.places[sample]!, this.#sorted ? (range.places[sample + 1] ?? range.end) : this.#end);
    for (let i = 0; i < SAMPLE && scan.rest > 0; i++) {
      const entry = readEntry(scan, this.#file);
      if (entry.value === value) return entry.list;
      if (!this.#sorted) return -1;
    }
    return -1;
  }

  /** Values of a label that begin with a prefix, rising, with the places of their lists. */
  forEach(name: string, prefix: string, visit: (value: string, list: number) => void): void {
    const range = this.#labels.get(name);
    if (range === undefined) return;
    if (!this.#sorted) {
      for (const [i, place] of range.places.entries()) {
        if (!range.values[i]!.startsWith(prefix)) continue;
        visit(range.values[i]!, readEntry(this.#scan(place, this.#end), this.#file).list);
      }
      return;
    }
    const scan = this.#scan(range.places[Math.max(0, lastNotAbove(range.values, prefix))]!, range.end);
    while (scan.rest > 0) {
      const { value, list } = readEntry(scan, this.#file);
      if (value.startsWith(prefix)) visit(value, list);
      else if (compareBytewise(value, prefix) > 0) return;
    }
  }

  /** How many values a label has. */
  valueCount(name: string): number {
    return this.#labels.get(name)?.count ?? 0;
  }

  /** Of most entries only the lengths are looked at: opening a block takes as long as this does. */
  #note(scan: FileScan, names: NameMemory): void {
    const place = scan.position;
    readKeys(scan, this.#file);
    const nameLength = readLength(scan, this.#file);
    const name = names.at(scan.bytes, scan.at, scan.at + nameLength);
    scan.at += nameLength;
    let range = this.#labels.get(name);
    if (range === undefined) {
      range = { values: [], places: [], count: 0, end: 0 };
      this.#labels.set(name, range);
    }
    const length = readLength(scan, this.#file);
    if (!this.#sorted || range.count % SAMPLE === 0) {
      range.values.push(scan.bytes.toString("utf8", scan.at, scan.at + length));
      range.places.push(place);
    }
    scan.at += length;
    scan.uvarint();
    range.count++;
    range.end = scan.position;
  }

  #scan(start: number, end: number): FileScan {
    return scanSection(this.#file, { start, end });
  }
}

/** The label name of the entry before, so that one that is repeated is not decoded again. */
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

/** An entry `2 u8 | name | value | place uvarint`; places count from the file's start. */
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

/** The length of a text that can be read now. */
function readLength(scan: FileScan, file: PagedFile): number {
  const length = scan.uvarint();
  if (length > scan.rest) file.fail(scan.position, `a text of ${length} bytes does not fit into the postings table`);
  scan.need(length);
  return length;
}

/** Index of the last sampled value that is not above `value`, -1 where all are. */
function lastNotAbove(values: readonly string[], value: string): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytewise(values[middle]!, value) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function sortByValue(range: LabelRange): void {
  const order = range.values.map((_, i) => i).sort((a, b) => compareBytewise(range.values[a]!, range.values[b]!));
  const { values, places } = { values: [...range.values], places: [...range.places] };
  order.forEach((from, to) => {
    range.values[to] = values[from]!;
    range.places[to] = places[from]!;
  });
}
