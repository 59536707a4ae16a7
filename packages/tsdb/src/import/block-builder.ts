import { ByteMap } from "@narthex/bytes";
import { compareLabels, type Labels, wordsOf } from "@narthex/model";
import type { BlockSeriesSource, EncodedChunk } from "../block/block-source.ts";
import type { BlockMeta } from "../block/meta.ts";
import { newUlid } from "../block/ulid.ts";
import { writeBlock } from "../block/write-block.ts";
import { ENCODING_XOR } from "../chunk/xor.ts";
import { diskFiles, type Files } from "../files.ts";
import { ChunkSeries } from "./chunk-series.ts";

export interface BlockBuilderOptions {
  /** Length of the aligned time ranges, ms: a chunk never crosses the end of a range. */
  readonly chunkRangeMs: number;
  /** Clock for the time in the block's name, ms since 1970. */
  readonly now: () => number;
  readonly random: () => number;
  readonly files?: Files;
}

/** Collects float samples of an import, encodes them and writes them as one block. */
export class BlockBuilder {
  readonly #options: BlockBuilderOptions;
  readonly #series = new Map<string, ChunkSeries>();
  readonly #value = new Float64Array(1);
  readonly #words = wordsOf(this.#value);
  #minTime = Infinity;
  #maxTime = -Infinity;

  constructor(options: BlockBuilderOptions) {
    this.#options = options;
  }

  /** Adds a sample. Returns false if the series already has a sample at this time or later. */
  append(labels: Labels, time: number, value: number): boolean {
    const { key } = labels;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = new ChunkSeries(labels, this.#options.chunkRangeMs);
      this.#series.set(key, series);
    }
    this.#value[0] = value;
    if (!series.append(time, this.#words[1]!, this.#words[0]!)) return false;
    if (time < this.#minTime) this.#minTime = time;
    if (time > this.#maxTime) this.#maxTime = time;
    return true;
  }

  /**
   * Writes the block into the data folder `dir`. Returns undefined if there are no samples. Throws the system's errors.
   */
  write(dir: string): BlockMeta | undefined {
    if (this.#series.size === 0) return undefined;
    const { now, random, files = diskFiles } = this.#options;
    const ulid = newUlid(now(), random);
    const draft = {
      ulid,
      minTime: this.#minTime,
      maxTime: this.#maxTime + 1,
      compaction: { level: 1, sources: [ulid] },
    };
    return writeBlock(dir, draft, new ImportSource(this.#series.values()), files);
  }
}

/** Block source with the collected series, in the order of their labels. */
class ImportSource implements BlockSeriesSource {
  readonly symbols = new ByteMap();
  labels = new Uint32Array(64);
  labelCount = 0;
  chunk: EncodedChunk = { minTime: 0, maxTime: 0, encoding: ENCODING_XOR, bytes: new Uint8Array(0), start: 0, end: 0 };
  readonly #series: readonly ChunkSeries[];
  readonly #encoder = new TextEncoder();
  #at = -1;
  #nextChunk = 0;

  constructor(series: Iterable<ChunkSeries>) {
    this.#series = [...series].sort((a, b) => compareLabels(a.labels, b.labels));
  }

  next(): boolean {
    const series = this.#series[++this.#at];
    if (series === undefined) return false;
    series.finish();
    this.#nextChunk = 0;
    this.labelCount = series.labels.size;
    if (this.labels.length < this.labelCount * 2) this.labels = new Uint32Array(this.labelCount * 4);
    let i = 0;
    for (const [name, value] of series.labels) {
      this.labels[i++] = this.#symbol(name);
      this.labels[i++] = this.#symbol(value);
    }
    return true;
  }

  nextChunk(): boolean {
    const next = this.#series[this.#at]!.chunks[this.#nextChunk++];
    if (next === undefined) return false;
    this.chunk = { ...next, encoding: ENCODING_XOR, start: 0, end: next.bytes.length };
    return true;
  }

  #symbol(text: string): number {
    const bytes = this.#encoder.encode(text);
    return this.symbols.add(bytes, 0, bytes.length);
  }
}
