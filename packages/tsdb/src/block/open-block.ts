import { join } from "node:path";
import { runStepByStep, runToEnd, type Steps } from "@narthex/runtime";
import { exists, type Files } from "../files.ts";
import type { Block, ChunkReader } from "./block.ts";
import { BlockError, isDamage } from "./block-error.ts";
import { type BlockTombstones, readBlockTombstones, replaceTombstones, TOMBSTONES_FILE } from "./block-tombstones.ts";
import { OpenChunkSegments } from "./open-chunk-segments.ts";
import { ColumnFiles } from "./column-files.ts";
import { COLUMNS_FOLDER } from "./column-segments.ts";
import { INDEX_FILE } from "./index-format.ts";
import { type IndexImage, IndexReader } from "./index-reader.ts";
import { type BlockMeta, META_FILE, readMeta, writeMeta } from "./meta.ts";
import { PageCache, PagedFile } from "./page-cache.ts";
import { SeriesEntry } from "./series-entry.ts";

/** Suffix of a block's folder while it is being removed. The next start of the database removes such folders. */
export const DELETION_SUFFIX = ".tmp-for-deletion";

export interface OpenBlockOptions {
  readonly files: Files;
  /** A page cache that several blocks of a thread share; by default each block has its own. */
  readonly cache?: PageCache;
}

/**
 * Opens a block's folder and checks that its chunks are complete. Throws BlockError. An error whose cause has no `code`
 * means a damaged block, because two reads found the same damage. An error whose cause has a `code` means that the
 * system refused a read, so the block may be intact.
 */
export const openBlock = (dir: string, options: OpenBlockOptions): Block => runToEnd(opening(dir, options));

/**
 * Opens a block as openBlock() does, but yields to other work. Opening a block with many label values takes tens of
 * milliseconds.
 */
export const openBlockInTurns = (dir: string, options: OpenBlockOptions): Promise<Block> =>
  runStepByStep(opening(dir, options));

/** The part of an open block that is kept in memory. The object can be posted to another thread. */
export interface BlockImage {
  readonly meta: BlockMeta;
  readonly tombstones: BlockTombstones;
  readonly index: IndexImage;
}

/**
 * Opens and checks a block as openBlock() does, then closes its files. Returns the data with which openChecked() can
 * open the block quickly. Throws BlockError.
 */
export function checkBlock(dir: string, files: Files): BlockImage {
  const block = runToEnd(opening(dir, { files }));
  try {
    return block.image;
  } finally {
    block.close();
  }
}

/** Returns the buffers of an image, which are transferred to another thread instead of being copied. */
export function buffersOf({ index: { guards, symbols, table } }: BlockImage): ArrayBuffer[] {
  const ranges = [...table.labels.values()].flatMap(({ bytes, ends, places }) => [bytes, ends, places]);
  return [...guards.map(({ sums }) => sums), symbols.places, ...ranges].map(({ buffer }) => buffer);
}

/** Opens a block that checkBlock() has checked. Throws BlockError if the block has changed since that check. */
export function openChecked(
  dir: string,
  image: BlockImage,
  { files, cache = new PageCache() }: OpenBlockOptions,
): Block {
  const path = join(dir, INDEX_FILE);
  const file = readable(path, () => new PagedFile(path, files, cache, image.index.guards));
  try {
    const index = IndexReader.from(file, image.index);
    const chunks = readable(dir, () => openChunks(dir, files, cache));
    return new OpenBlock(dir, files, image.meta, image.tombstones, index, chunks);
  } catch (cause) {
    file.close();
    throw cause;
  }
}

function* opening(dir: string, options: OpenBlockOptions): Steps<OpenBlock> {
  try {
    return yield* openingOnce(dir, options);
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    // Opens the block a second time, because a disk may transfer wrong bytes once and correct bytes later.
    return yield* openingOnce(dir, options);
  }
}

function* openingOnce(dir: string, { files, cache = new PageCache() }: OpenBlockOptions): Steps<OpenBlock> {
  const meta = readMeta(dir, files);
  const tombstones = readBlockTombstones(dir, files);
  const path = join(dir, INDEX_FILE);
  const file = readable(path, () => new PagedFile(path, files, cache));
  let chunks: ChunkStore | undefined;
  try {
    const index = yield* IndexReader.read(file);
    chunks = readable(dir, () => openChunks(dir, files, cache));
    readLastChunk(index, chunks);
    return new OpenBlock(dir, files, meta, tombstones, index, chunks);
  } catch (cause) {
    chunks?.close();
    file.close();
    throw cause;
  }
}

function readable<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    if (cause instanceof BlockError) throw cause;
    throw new BlockError(path, 0, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/**
 * Reads the last chunk of the last series (encoded or columnar), which is at the end of the last segment. If this chunk
 * is intact, no segment is missing or cut off.
 */
function readLastChunk(index: IndexReader, chunks: ChunkStore): void {
  const ref = index.lastSeries();
  if (ref === undefined) return;
  const entry = new SeriesEntry();
  index.series(ref, entry);
  if (entry.chunkCount === 0) return;
  const into = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0 };
  chunks.reader().read(entry.chunkRef[entry.chunkCount - 1]!, into);
}

type ChunkStore = OpenChunkSegments | ColumnFiles;

/** Opens the samples of a block, which has either a folder of chunks or a folder of columns. */
function openChunks(dir: string, files: Files, cache: PageCache): ChunkStore {
  return exists(files, join(dir, COLUMNS_FOLDER))
    ? new ColumnFiles(dir, files, cache)
    : new OpenChunkSegments(dir, files, cache);
}

class OpenBlock implements Block {
  readonly dir: string;
  readonly #files: Files;
  readonly #index: IndexReader;
  readonly #chunks: ChunkStore;
  #meta: BlockMeta;
  #tombstones: BlockTombstones;
  #users = 0;
  #closed = false;
  #released = false;
  readonly #whenReleased: (() => void)[] = [];

  constructor(
    dir: string,
    files: Files,
    meta: BlockMeta,
    tombstones: BlockTombstones,
    index: IndexReader,
    chunks: ChunkStore,
  ) {
    this.dir = dir;
    this.#files = files;
    this.#meta = meta;
    this.#tombstones = tombstones;
    this.#index = index;
    this.#chunks = chunks;
  }

  get image(): BlockImage {
    return { meta: this.#meta, tombstones: this.#tombstones, index: this.#index.image };
  }

  get meta(): BlockMeta {
    return this.#meta;
  }

  get tombstones(): BlockTombstones {
    return this.#tombstones;
  }

  get sizeBytes(): number {
    const small = [META_FILE, TOMBSTONES_FILE].map((name) => join(this.dir, name));
    const sizes = small.map((path) => (exists(this.#files, path) ? this.#files.stat(path).size : 0));
    return this.#index.file.size + this.#chunks.sizeBytes + sizes[0]! + sizes[1]!;
  }

  get isColumnar(): boolean {
    return this.#chunks instanceof ColumnFiles;
  }

  get symbolCount(): number {
    return this.#index.symbols.count;
  }

  symbolIds(): Uint32Array {
    return this.#index.symbols.ids();
  }

  postings(name: string, value: string): Uint32Array {
    return this.#index.postings(name, value);
  }

  postingsCount(name: string, value: string): number {
    return this.#index.postingsCount(name, value);
  }

  allPostings(): Uint32Array {
    return this.#index.postings("", "");
  }

  forEachPostings(
    name: string,
    keep: (value: string) => boolean,
    visit: (list: Uint32Array) => void,
    prefix = "",
  ): void {
    this.#index.table.forEach(name, prefix, (value, list) => {
      if (keep(value)) visit(this.#index.list(list));
    });
  }

  series(ref: number, into: SeriesEntry): void {
    this.#index.series(ref, into);
  }

  seriesLabels(ref: number, into: SeriesEntry): void {
    this.#index.series(ref, into, false);
  }

  symbol(id: number): string {
    return this.#index.symbols.text(id);
  }

  symbolBytes(id: number): Uint8Array {
    return this.#index.symbols.bytes(id);
  }

  labelNames(): readonly string[] {
    return this.#index.table.names();
  }

  get labelNameCount(): number {
    return this.#index.table.nameCount;
  }

  labelValues(name: string): readonly string[] {
    const values: string[] = [];
    this.#index.table.forEach(name, "", (value) => values.push(value));
    return values;
  }

  labelValueCount(name: string): number {
    return this.#index.table.valueCount(name);
  }

  chunkReader(): ChunkReader {
    return this.#chunks.reader();
  }

  async replaceTombstones(tombstones: BlockTombstones): Promise<void> {
    let numTombstones = 0;
    for (const intervals of tombstones.values()) numTombstones += intervals.length;
    const meta = { ...this.#meta, stats: { ...this.#meta.stats, numTombstones } };
    await replaceTombstones(this.dir, tombstones, this.#files);
    this.#tombstones = tombstones;
    writeMeta(this.dir, meta, this.#files);
    this.#meta = meta;
  }

  retain(): () => void {
    this.#users++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#users--;
      this.#release();
    };
  }

  close(): void {
    this.#closed = true;
    this.#release();
  }

  async remove(erase: (path: string) => unknown = (path) => this.#files.remove(path)): Promise<void> {
    if (!this.#released) {
      const released = new Promise<void>((resolve) => this.#whenReleased.push(resolve));
      this.close();
      await released;
    }
    const doomed = this.dir + DELETION_SUFFIX;
    if (exists(this.#files, doomed)) await erase(doomed);
    this.#files.rename(this.dir, doomed);
    await erase(doomed);
  }

  #release(): void {
    if (!this.#closed || this.#users > 0 || this.#released) return;
    this.#released = true;
    this.#index.file.close();
    this.#chunks.close();
    for (const done of this.#whenReleased.splice(0)) done();
  }
}
