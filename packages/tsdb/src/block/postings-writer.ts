import { type ByteMap, crc32c } from "@narthex/bytes";
import type { Files } from "../files.ts";
import type { FileScan } from "./file-scan.ts";
import { FileSink } from "./file-sink.ts";
import { SERIES_ALIGNMENT } from "./index-format.ts";
import type { SymbolRank } from "./index-writer.ts";
import { checkedEntry, mustReadBack, scanOwnFile } from "./own-file.ts";

/** Postings gathered at a time, 8 bytes each; more take another pass over the series. */
const MAX_GATHERED = 8 * 1024 * 1024;

/** Entries of a label's pairs in the order of series. */
interface Gathered {
  readonly name: number;
  readonly values: Uint32Array;
  readonly refs: Uint32Array;
  count: number;
}

/** Writes the lists of series per label, and the table of where they are. */
export class PostingsWriter {
  readonly #sink: FileSink;
  readonly #symbols: ByteMap;
  readonly #rank: SymbolRank;
  readonly #files: Files;
  readonly #tablePath: string;
  /** The table's entries, until all lists are written. */
  readonly #table: FileSink;
  #lists = 0;
  /** How often each value occurs, zeros between uses. */
  readonly #occurrences: Uint32Array;

  constructor(sink: FileSink, symbols: ByteMap, rank: SymbolRank, files: Files) {
    this.#sink = sink;
    this.#symbols = symbols;
    this.#rank = rank;
    this.#files = files;
    this.#tablePath = `${sink.path}.postings-table`;
    this.#table = new FileSink(this.#tablePath, files);
    this.#table.startChecksum();
    this.#occurrences = new Uint32Array(rank.idOf.length);
  }

  /** The list of all series, under an empty name and value. */
  writeAll(refs: Uint32Array): void {
    this.#list(new Uint8Array(0), new Uint8Array(0), refs, 0, refs.length);
  }

  /** The lists of all labels; [start, end) is the index's own series section, read once for as many as memory bears. */
  writeLists(nameCounts: Uint32Array, start: number, end: number): void {
    let batch: Gathered[] = [];
    let size = 0;
    const finish = (): void => {
      if (batch.length === 0) return;
      const gathering = batch;
      scanOwnFile(this.#sink.path, start, end, this.#files, (scan) => gather(gathering, scan, this.#sink.path));
      for (const gathered of batch) this.#listsOf(gathered);
      batch = [];
      size = 0;
    };
    nameCounts.forEach((count, name) => {
      if (count === 0) return;
      if (size + count > MAX_GATHERED) finish();
      batch.push({ name, values: new Uint32Array(count), refs: new Uint32Array(count), count: 0 });
      size += count;
    });
    finish();
  }

  /** The table of all lists written. */
  writeTable(): void {
    this.#table.flush();
    const sink = this.#sink;
    const size = this.#table.position;
    let checksum = 0;
    sink.u32(4 + size);
    sink.startChecksum();
    sink.u32(this.#lists);
    scanOwnFile(this.#tablePath, 0, size, this.#files, (scan) => {
      while (scan.rest > 0) {
        scan.need(1);
        const end = scan.at + scan.ready;
        checksum = crc32c(scan.bytes, scan.at, end, checksum);
        sink.put(scan.bytes, scan.at, end);
        scan.at = end;
      }
    });
    mustReadBack(checksum === this.#table.checksum, this.#tablePath);
    sink.writeChecksum();
  }

  close(): void {
    this.#table.close();
    this.#files.remove(this.#tablePath);
  }

  /** A counting sort by value: it keeps the order of series within each. */
  #listsOf({ name, values, refs, count }: Gathered): void {
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
    sorted.forEach((value, i) => {
      occurrences[value] = 0;
      this.#list(nameText, this.#text(value), grouped, i === 0 ? 0 : ends[i - 1]!, ends[i]!);
    });
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
    sink.u32(4 + 4 * (end - start));
    sink.startChecksum();
    sink.u32(end - start);
    sink.putWords(refs, start, end);
    sink.writeChecksum();
  }
}

/** Takes the series of a few labels out of a series section. */
function gather(batch: readonly Gathered[], scan: FileScan, path: string): void {
  const byName: (Gathered | undefined)[] = [];
  for (const gathered of batch) byName[gathered.name] = gathered;
  while (scan.rest > 0) {
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
