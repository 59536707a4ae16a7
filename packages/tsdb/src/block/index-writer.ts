import { ByteWriter, crc32c, uvarintSize } from "@narthex/bytes";
import { invariant, type Steps } from "@narthex/runtime";
import type { Files } from "../files.ts";
import type { FileScan } from "./file-scan.ts";
import { FileSink, BlockTooLarge } from "./file-sink.ts";
import { INDEX_HEADER_BYTES, INDEX_MAGIC, INDEX_VERSION, SERIES_ALIGNMENT } from "./index-format.ts";
import { PostingsWriter, type SymbolRank } from "./postings-writer.ts";
import type { SeriesSpill } from "./series-spill.ts";
import { checkedEntry } from "./own-file.ts";

/** Number of symbols or series that are written between two yields to other work. */
const ENTRIES_PER_STEP = 2048;

/**
 * Largest size of the index's series section in bytes: a series reference is a u32 and counts in units of
 * SERIES_ALIGNMENT bytes.
 */
const MAX_SERIES_BYTES = 2 ** 32 * SERIES_ALIGNMENT;

/**
 * Writes a block's index from the series in the temporary storage `spill`. The work needs about 40 bytes per symbol in
 * addition to the text, 4 bytes per series, and memory for a limited number of postings.
 */
export function* indexSteps(path: string, spill: SeriesSpill, files: Files): Steps<void> {
  const sink = new FileSink(path, files);
  try {
    sink.u32(INDEX_MAGIC);
    sink.u8(INDEX_VERSION);
    const rank = yield* writeSymbols(sink, spill);
    const seriesStart = sink.position;
    const { refs, nameCounts } = yield* writeSeries(sink, spill, rank);
    const seriesEnd = sink.position;
    sink.flush();
    const postings = new PostingsWriter(sink, spill.symbols, rank, files);
    try {
      const postingsStart = sink.position;
      postings.writeAll(refs);
      yield* postings.writeLists(nameCounts, seriesStart, seriesEnd);
      const table = sink.position;
      yield* postings.writeTable();
      sink.startChecksum();
      // Writes the table of contents. The format's label indices are not written, so their offset is that of the
      // postings' table.
      for (const offset of [INDEX_HEADER_BYTES, seriesStart, seriesEnd, table, postingsStart, table]) sink.u64(offset);
      sink.writeChecksum();
    } finally {
      postings.close();
    }
    sink.sync();
  } finally {
    sink.close();
  }
}

function* writeSymbols(sink: FileSink, spill: SeriesSpill): Steps<SymbolRank> {
  const { symbols } = spill;
  const idOf = yield* spill.symbolOrder();
  const rankOf = new Uint32Array(idOf.length);
  let bytes = 4;
  idOf.forEach((id, rank) => {
    rankOf[id] = rank;
    const { length } = symbols.key(id);
    bytes += uvarintSize(length) + length;
  });
  sink.sectionLength(bytes, "the symbol table");
  sink.startChecksum();
  sink.u32(idOf.length);
  for (let i = 0; i < idOf.length; i++) {
    const text = symbols.key(idOf[i]!);
    sink.uvarint(text.length);
    sink.put(text);
    if (i % ENTRIES_PER_STEP === ENTRIES_PER_STEP - 1) yield;
  }
  sink.writeChecksum();
  return { rankOf, idOf };
}

interface WrittenSeries {
  readonly refs: Uint32Array;
  /** Number of series that have a label with this name, by the symbol number of the name. */
  readonly nameCounts: Uint32Array;
}

function* writeSeries(sink: FileSink, spill: SeriesSpill, { rankOf }: SymbolRank): Steps<WrittenSeries> {
  const refs = new Uint32Array(spill.seriesCount);
  const nameCounts = new Uint32Array(rankOf.length);
  const body = new ByteWriter();
  const order = new SeriesOrder();
  const translate = (scan: FileScan): void => {
    const length = scan.uvarint();
    const end = checkedEntry(scan, length, spill.path);
    const labelCount = scan.uvarintHere();
    body.reset();
    body.uvarint(labelCount);
    order.begin(labelCount);
    for (let i = 0; i < labelCount; i++) {
      const name = rankOf[scan.uvarintHere()]!;
      const value = rankOf[scan.uvarintHere()]!;
      nameCounts[name] = nameCounts[name]! + 1;
      order.add(name, value);
      body.uvarint(name);
      body.uvarint(value);
    }
    order.check();
    body.put(scan.bytes.subarray(scan.at, end));
    scan.at = end + 4;
  };
  yield* spill.scan(function* (scan) {
    for (let series = 0; series < refs.length; series++) {
      translate(scan);
      sink.pad(SERIES_ALIGNMENT);
      if (sink.position >= MAX_SERIES_BYTES)
        throw new BlockTooLarge(sink.path, `series take ${sink.position} bytes`, MAX_SERIES_BYTES);
      refs[series] = sink.position / SERIES_ALIGNMENT;
      sink.uvarint(body.length);
      sink.put(body.bytes, 0, body.length);
      sink.u32(crc32c(body.bytes, 0, body.length));
      if (series % ENTRIES_PER_STEP === ENTRIES_PER_STEP - 1) yield;
    }
  });
  return { refs, nameCounts };
}

/**
 * Checks that the written series are sorted by labels. Readers rely on this order: ascending references mean sorted
 * series.
 */
class SeriesOrder {
  #previous = new Uint32Array(64);
  #previousCount = 0;
  #present = new Uint32Array(64);
  #count = 0;
  #first = true;

  begin(labelCount: number): void {
    [this.#previous, this.#present] = [this.#present, this.#previous];
    this.#previousCount = this.#count;
    this.#count = 0;
    if (this.#present.length < labelCount * 2) this.#present = new Uint32Array(labelCount * 4);
    invariant(labelCount > 0 || this.#first, "only the first series of a block can be without labels");
  }

  add(name: number, value: number): void {
    this.#present[this.#count++] = name;
    this.#present[this.#count++] = value;
  }

  check(): void {
    const [a, b] = [this.#previous, this.#present];
    const aCount = this.#previousCount;
    const bCount = this.#count;
    let i = 0;
    while (i < aCount && i < bCount && a[i] === b[i]) i++;
    const rising = i === aCount ? i < bCount : i < bCount && a[i]! < b[i]!;
    if (!this.#first && !rising) {
      invariant(false, "series are added in the order of their labels, each once", {
        symbols: b.subarray(0, bCount).join(" "),
      });
    }
    this.#first = false;
  }
}
