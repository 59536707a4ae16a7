import type { ByteMap } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import type { Files } from "../files.ts";
import type { FileScan } from "./file-scan.ts";
import type { FileSink } from "./file-sink.ts";
import { SERIES_ALIGNMENT } from "./index-format.ts";
import { checkedEntry, scanOwnFile } from "./own-file.ts";
import { Spool } from "./spool.ts";

/** The order of the symbols (label names and values) by their texts. */
export interface SymbolRank {
  /** Position of each symbol in the sorted order. The index is the number that SeriesSpill first gave the symbol. */
  readonly rankOf: Uint32Array;
  /** For each position in the sorted order, the number that SeriesSpill first gave the symbol. */
  readonly idOf: Uint32Array;
}

/**
 * Largest number of postings (8 bytes each) that one pass over the series collects. More postings need another pass.
 */
const MAX_GATHERED = 8 * 1024 * 1024;
/**
 * Number of series that are read in one step. WORK_PER_STEP limits how many postings are written in one step. Each
 * postings list adds WORK_PER_LIST to this count.
 */
const SERIES_PER_STEP = 4096;
const WORK_PER_STEP = 65_536;
const WORK_PER_LIST = 64;

/** Collected postings of all values of one label name, in the order of series. */
interface Gathered {
  readonly name: number;
  readonly values: Uint32Array;
  readonly refs: Uint32Array;
  count: number;
}

/** Writes the postings section of an index: the list of series of each label, and the table of the lists' positions. */
export class PostingsWriter {
  readonly #sink: FileSink;
  readonly #symbols: ByteMap;
  readonly #rank: SymbolRank;
  readonly #files: Files;
  /** Entries of the table with the positions of the lists. The table is written after all lists. */
  readonly #table: Spool;
  #lists = 0;
  /**
   * Number of occurrences of each label value, indexed by the rank of the value. The array contains only zeros between
   * two uses.
   */
  readonly #occurrences: Uint32Array;

  constructor(sink: FileSink, symbols: ByteMap, rank: SymbolRank, files: Files) {
    this.#sink = sink;
    this.#symbols = symbols;
    this.#rank = rank;
    this.#files = files;
    this.#table = new Spool(`${sink.path}.postings-table`, files);
    this.#occurrences = new Uint32Array(rank.idOf.length);
  }

  /** Writes the list of all series, under an empty label name and value. */
  writeAll(refs: Uint32Array): void {
    this.#list(new Uint8Array(0), new Uint8Array(0), refs, 0, refs.length);
  }

  /**
   * Writes the postings lists of all labels. [start, end) is the series section of this index. The section is read once
   * for each batch of labels that fits into memory.
   */
  *writeLists(nameCounts: Uint32Array, start: number, end: number): Steps<void> {
    const { path } = this.#sink;
    for (let name = 0; name < nameCounts.length;) {
      const batch: Gathered[] = [];
      for (let size = 0; name < nameCounts.length; name++) {
        const count = nameCounts[name]!;
        if (count === 0) continue;
        if (size > 0 && size + count > MAX_GATHERED) break;
        batch.push({ name, values: new Uint32Array(count), refs: new Uint32Array(count), count: 0 });
        size += count;
      }
      if (batch.length === 0) return;
      yield* scanOwnFile(path, start, end, this.#files, (scan) => gather(batch, scan, path));
      for (const gathered of batch) yield* this.#listsOf(gathered);
    }
  }

  /** Writes the table of the positions of all lists. */
  *writeTable(): Steps<void> {
    const sink = this.#sink;
    sink.sectionLength(4 + this.#table.size, "the postings table");
    sink.startChecksum();
    sink.u32(this.#lists);
    yield* this.#table.copyTo(sink);
    sink.writeChecksum();
  }

  close(): void {
    this.#table.close();
  }

  /**
   * Writes the lists of one label name. A counting sort groups the postings by value and keeps the order of series
   * within each value.
   */
  *#listsOf({ name, values, refs, count }: Gathered): Steps<void> {
    const occurrences = this.#occurrences;
    let distinct = 0;
    const present = new Uint32Array(count);
    for (const value of values) {
      if (occurrences[value] === 0) present[distinct++] = value;
      occurrences[value] = occurrences[value]! + 1;
    }
    const sorted = present.subarray(0, distinct).sort();
    const ends = new Uint32Array(distinct);
    let end = 0;
    sorted.forEach((value, i) => {
      const start = end;
      end += occurrences[value]!;
      ends[i] = end;
      occurrences[value] = start;
    });
    const grouped = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const slot = occurrences[values[i]!]!;
      grouped[slot] = refs[i]!;
      occurrences[values[i]!] = slot + 1;
    }
    const nameText = this.#text(name).slice();
    for (let i = 0, start = 0, left = 0; i < distinct; i++) {
      occurrences[sorted[i]!] = 0;
      this.#list(nameText, this.#text(sorted[i]!), grouped, start, ends[i]!);
      left += ends[i]! - start + WORK_PER_LIST;
      start = ends[i]!;
      if (left < WORK_PER_STEP) continue;
      left = 0;
      yield;
    }
  }

  #text(symbol: number): Uint8Array {
    return this.#symbols.key(this.#rank.idOf[symbol]!);
  }

  #list(name: Uint8Array, value: Uint8Array, refs: Uint32Array, start: number, end: number): void {
    const sink = this.#sink;
    sink.pad(4);
    this.#table.u8(2);
    this.#table.uvarint(name.length);
    this.#table.put(name);
    this.#table.uvarint(value.length);
    this.#table.put(value);
    this.#table.uvarint(sink.position);
    this.#lists++;
    sink.sectionLength(4 + 4 * (end - start), "a list of series");
    sink.startChecksum();
    sink.u32(end - start);
    sink.putWords(refs, start, end);
    sink.writeChecksum();
  }
}

/** Collects the postings of a batch of label names from the series section of the index. */
function* gather(batch: readonly Gathered[], scan: FileScan, path: string): Steps<void> {
  const byName: (Gathered | undefined)[] = [];
  for (const gathered of batch) byName[gathered.name] = gathered;
  for (let series = 1; scan.rest > 0; series++) {
    if (series % SERIES_PER_STEP === 0) yield;
    const rest = scan.position % SERIES_ALIGNMENT;
    if (rest !== 0) {
      scan.need(SERIES_ALIGNMENT);
      scan.at += SERIES_ALIGNMENT - rest;
    }
    const ref = scan.position / SERIES_ALIGNMENT;
    const length = scan.uvarint();
    const end = checkedEntry(scan, length, path);
    const labelCount = scan.uvarintHere();
    for (let i = 0; i < labelCount; i++) {
      const gathered = byName[scan.uvarintHere()];
      const value = scan.uvarintHere();
      if (gathered === undefined) continue;
      gathered.values[gathered.count] = value;
      gathered.refs[gathered.count++] = ref;
    }
    scan.at = end + 4;
  }
}
