import { basename, join } from "node:path";
import { ByteWriter, crc32c } from "@narthex/bytes";
import type { Logger } from "@narthex/runtime";
import { moveAside } from "../../aside.ts";
import { diskError, type Files, readFully, type RemoveLater } from "../../files.ts";
import { writeAgain } from "../../write-again.ts";
import type { ChunkToWrite } from "./chunk-to-write.ts";
import { ChunkFileReader } from "./chunk-file-reader.ts";
import {
  type ChunkEntry,
  CHUNKS_HEAD_FOLDER,
  damageOf,
  HeadChunkDamage,
  type HeadChunkFile,
  HEADER,
  headChunkFileName,
  listHeadChunkFiles,
  MAX_FILE_BYTES,
  OUT_OF_ORDER_BIT,
  scanHeadChunkFile,
} from "./head-chunk-file.ts";

const FLUSH_BYTES = 512 * 1024;
/** More than an entry takes besides its chunk. */
export const ENTRY_ROOM_BYTES = 64;
/** A file of this size is ended when there is time to. */
const LONG_FILE_BYTES = MAX_FILE_BYTES - 16 * 1024 * 1024;

/** Where a chunk was written: file, entry, and the chunk's bytes in it. */
export interface StoredPlace {
  readonly file: number;
  readonly entryOffset: number;
  readonly offset: number;
}

interface KnownFile {
  readonly index: number;
  readonly path: string;
  size: number;
  maxTime: number;
  /** All of it is on the disk. */
  synced: boolean;
  /** A sync has failed: the next one may succeed without bringing what the system took for written then. */
  mustBeWrittenAgain: boolean;
  /** The sync under way. */
  syncing?: Promise<void> | undefined;
}

/** What a start does about a file that it cannot read. */
export interface LoadOptions {
  /** The logs have all samples of the files. */
  readonly logsHaveAll: boolean;
  /** The process before has not brought all of its logs to the disk, and perhaps not its last file. */
  readonly endedUnsynced?: boolean | undefined;
  /** Where files go that are damaged. */
  readonly asideDir: string;
  /** Called before the first file is moved. */
  readonly onDamage?: (() => void) | undefined;
}

/** A place behind all chunks that were written until then. */
export interface ChunkFilesEnd {
  readonly file: number;
  readonly size: number;
}

/**
 * The folder chunks_head: closed chunks of the head in Prometheus' format, so that they need neither memory nor replay.
 * Usually everything in it is in the logs too, so that damaged files are set aside; LogGap knows when it may not be.
 */
export class ChunkFiles {
  readonly dir: string;
  readonly reader: ChunkFileReader;
  readonly #files: Files;
  readonly #logger: Logger;
  readonly #removeLater: RemoveLater;
  readonly #known: KnownFile[] = [];
  readonly #buffer = new ByteWriter(FLUSH_BYTES + 64 * 1024);
  #open = -1;
  /** The newest file is the one that #open writes to. */
  #writing = false;
  /** Numbers are not given twice: pages of a file may still be in a cache. */
  #newest = 0;
  /** Names that were given or taken away. A power cut must not bring files back, nor take a file and leave a newer one. */
  #nameChanges = 1;
  #namesSynced = 0;
  corruptions = 0;
  written = 0;

  /** `removeLater`: how files that are not needed any more are removed, by another thread for instance. */
  constructor(
    dir: string,
    files: Files,
    logger: Logger,
    removeLater: RemoveLater = async (path) => files.remove(path),
  ) {
    this.dir = dir;
    this.#removeLater = removeLater;
    this.#files = files;
    this.#logger = logger;
    this.reader = new ChunkFileReader(dir, files);
  }

  /** Bytes of all files. */
  get size(): number {
    return this.#known.reduce((sum, { size }) => sum + size, 0);
  }

  /** Where the newest file ends; file 0 when there is none. */
  get end(): ChunkFilesEnd {
    const last = this.#known.at(-1);
    return { file: last?.index ?? 0, size: last?.size ?? 0 };
  }

  /** Is all that was written up to an end there, but for files that are not needed any more? */
  reaches({ file, size }: ChunkFilesEnd): boolean {
    return (
      file === 0 || this.#known.some((known) => known.index > file || (known.index === file && known.size >= size))
    );
  }

  /** Number of the oldest file; 0 when there is none. */
  get oldest(): number {
    return this.#known[0]?.index ?? 0;
  }

  /** Number of the newest file there was; 0 when there was none. */
  get newest(): number {
    return this.#newest;
  }

  /**
   * Reads all files. From the first damaged one on they are set aside: their samples come from the logs. A file that the
   * disk cannot read counts as damaged if the logs have all of its samples. Otherwise load() throws the system's error
   * and changes nothing: the fault may pass. `visit` throws HeadChunkDamage for an entry that contradicts earlier ones.
   */
  async load(visit: (entry: ChunkEntry) => void, options: LoadOptions): Promise<void> {
    this.#files.makeFolder(this.dir);
    const found = listHeadChunkFiles(this.dir, this.#files);
    const last = found.at(-1);
    if (last !== undefined && this.#isEmpty(last.path)) {
      this.#files.unlink(last.path);
      found.pop();
    }
    for (const [i, file] of found.entries()) {
      const known: KnownFile = {
        index: file.index,
        path: file.path,
        size: file.size,
        maxTime: -Infinity,
        synced: false,
        mustBeWrittenAgain: false,
      };
      try {
        if (i > 0 && file.index !== found[i - 1]!.index + 1) throw new HeadChunkDamage("a file before it is missing");
        known.size = await scanHeadChunkFile(file, this.#files, (entry) => {
          visit(entry);
          known.maxTime = Math.max(known.maxTime, entry.maxTime);
        });
        await this.#syncFound(known, i === found.length - 1 && options.endedUnsynced === true);
        this.#known.push(known);
        this.#newest = file.index;
      } catch (cause) {
        const damage = damageOf(cause);
        if (damage === undefined) throw cause;
        if (damage !== cause && !options.logsHaveAll) throw unreadableOnlyCopy(file.path, cause);
        this.corruptions++;
        options.onDamage?.();
        const samples = options.logsHaveAll ? "the WAL has their samples" : "the WAL may lack some of their samples";
        this.#logger.error(`a head chunk file is damaged; it and later ones are set aside, ${samples}`, {
          file: file.path,
          folder: options.asideDir,
          reason: damage.message,
        });
        // Copies of what the logs have would fill the disk if each start set files aside.
        this.#setAside(found.slice(i), options.asideDir, options.logsHaveAll);
        throw damage;
      }
    }
  }

  /** Adds chunks and returns where their bytes begin; throws the system's error, and then none of them is there. */
  write(chunks: readonly ChunkToWrite[]): StoredPlace[] {
    const places: StoredPlace[] = [];
    const last = this.#known.at(-1);
    const before = { index: last?.index ?? 0, size: last?.size ?? 0 };
    try {
      for (const chunk of chunks) places.push(this.#add(chunk));
      this.#flush();
    } catch (cause) {
      this.#undo(before);
      throw cause;
    }
    this.written += chunks.length;
    return places;
  }

  /** Brings all chunks to the disk. Throws the system's error. */
  async finish(): Promise<void> {
    this.cut();
    const last = this.#known.at(-1);
    if (last !== undefined) await this.#sync(last);
    await this.#files.syncFolder(this.dir);
  }

  /**
   * Brings to the disk, off the event loop, what has to be there before the next file begins. Throws the system's error.
   * A file whose sync failed is written again for each try: callers that come often must ask `hasFailed` first.
   */
  async settle(): Promise<void> {
    if (this.#writing) {
      if (this.#known.at(-1)!.size < LONG_FILE_BYTES) return;
      this.cut();
    }
    const last = this.#known.at(-1);
    // A removal may end while the folder is synced.
    while (this.#namesSynced < this.#nameChanges) {
      const changes = this.#nameChanges;
      await this.#files.syncFolder(this.dir);
      this.#namesSynced = Math.max(this.#namesSynced, changes);
    }
    if (last !== undefined) await this.#sync(last);
  }

  /** Whether the last file could not be brought to the disk. Until that succeeds, no file begins. */
  get hasFailed(): boolean {
    return this.#known.at(-1)?.mustBeWrittenAgain === true;
  }

  /** Can chunks of so many bytes, their headers included, be added without waiting for the disk? */
  isReadyFor(bytes: number): boolean {
    const last = this.#known.at(-1);
    if (this.#writing) return last!.size + this.#buffer.length + bytes <= MAX_FILE_BYTES;
    return this.#namesSynced >= this.#nameChanges && last?.synced !== false;
  }

  /** Begins a new file with the next chunk. */
  cut(): void {
    this.#flush();
    if (this.#open >= 0) this.#files.close(this.#open);
    this.#open = -1;
    this.#writing = false;
  }

  /**
   * Takes the oldest files without a sample from `minTime` on, and before file `keepFrom`, out of the list; the caller
   * removes them.
   */
  truncate(minTime: number, keepFrom: number): number[] {
    this.cut();
    const end = this.#known.findIndex(({ index, maxTime }) => maxTime >= minTime || index >= keepFrom);
    return this.#known.splice(0, end < 0 ? this.#known.length : end).map(({ index }) => index);
  }

  async remove(file: number): Promise<void> {
    this.#nameChanges++;
    try {
      this.reader.forget(file);
      await this.#removeLater(join(this.dir, headChunkFileName(file)));
    } catch (cause) {
      this.#logger.warn("a head chunk file that is no longer needed could not be removed", { file, err: cause });
    }
    // The folder may have been synced while the file was still there.
    this.#nameChanges++;
  }

  close(): void {
    this.cut();
    this.reader.close();
  }

  #add(chunk: ChunkToWrite): StoredPlace {
    const room = chunk.size + ENTRY_ROOM_BYTES;
    if (!this.#writing || this.#known.at(-1)!.size + this.#buffer.length + room > MAX_FILE_BYTES) this.#begin();
    else if (this.#buffer.length > FLUSH_BYTES) this.#flush();
    const known = this.#known.at(-1)!;
    const buffer = this.#buffer;
    const from = buffer.length;
    buffer.i64(chunk.ref);
    buffer.i64(chunk.minTime);
    buffer.i64(chunk.maxTime);
    buffer.u8(chunk.encoding | (chunk.outOfOrder ? OUT_OF_ORDER_BIT : 0));
    buffer.uvarint(chunk.size);
    const offset = known.size + buffer.length;
    buffer.put(chunk.bytes.subarray(chunk.start, chunk.start + chunk.size));
    buffer.u32(crc32c(buffer.bytes, from, buffer.length));
    known.maxTime = Math.max(known.maxTime, chunk.maxTime);
    return { file: known.index, entryOffset: known.size + from, offset };
  }

  #begin(): void {
    this.cut();
    const index = this.#newest + 1;
    const path = join(this.dir, headChunkFileName(index));
    if (this.#namesSynced < this.#nameChanges) this.#files.syncFolderNow(this.dir);
    this.#namesSynced = this.#nameChanges;
    this.#syncLast();
    this.#open = this.#files.open(path, "ax");
    this.#nameChanges++;
    this.#newest = index;
    this.#known.push({ index, path, size: 0, maxTime: -Infinity, synced: false, mustBeWrittenAgain: false });
    this.#writing = true;
    this.#buffer.put(HEADER);
  }

  /**
   * A power cut must not take chunks of a series from before those it leaves: replaying begins after the newest. So the
   * names of earlier files are on the disk before the next file begins, and so is the content of the last one.
   */
  #syncLast(): void {
    const last = this.#known.at(-1);
    if (last === undefined || last.synced) return;
    // To write it again, or to wait for a sync under way, would hold up the event loop: settle() does both.
    if (last.mustBeWrittenAgain || last.syncing !== undefined) throw diskError(`${last.path} is not on the disk yet`);
    const file = this.#files.open(last.path, "r");
    try {
      this.#files.syncNow(file);
      last.synced = true;
    } catch (cause) {
      last.mustBeWrittenAgain = true;
      throw cause;
    } finally {
      this.#files.close(file);
    }
  }

  /** The same off the event loop, also of a file that must be written again. Callers share the sync under way. */
  async #sync(known: KnownFile): Promise<void> {
    if (known.synced) return;
    known.syncing ??= this.#syncOnce(known).finally(() => (known.syncing = undefined));
    await known.syncing;
  }

  async #syncOnce(known: KnownFile): Promise<void> {
    if (known.mustBeWrittenAgain) {
      await this.#mustBeIntact(known);
      await writeAgain(known.path, 0, known.size, this.#files);
    }
    const file = this.#files.open(known.path, "r");
    try {
      await this.#files.sync(file);
      known.synced = true;
      known.mustBeWrittenAgain = false;
    } catch (cause) {
      known.mustBeWrittenAgain = true;
      throw cause;
    } finally {
      this.#files.close(file);
    }
  }

  /** The system may have dropped the pages of the failed sync. What it reads from the disk then must not be kept. */
  async #mustBeIntact({ index, path, size }: KnownFile): Promise<void> {
    const end = await scanHeadChunkFile({ index, path, size }, this.#files, () => undefined);
    if (end < size) throw new HeadChunkDamage(`${path} ends at byte ${end} and had ${size} bytes`, index);
  }

  #flush(): void {
    const bytes = this.#buffer.written;
    if (bytes.length === 0) return;
    const known = this.#known.at(-1)!;
    this.#buffer.reset();
    for (let done = 0; done < bytes.length;) done += this.#files.write(this.#open, bytes.subarray(done));
    known.size += bytes.length;
  }

  /** A write has failed: removes what was written since the files ended here, and goes on in a new file. */
  #undo(before: { readonly index: number; readonly size: number }): void {
    this.#buffer.reset();
    if (this.#writing) this.#files.close(this.#open);
    this.#open = -1;
    this.#writing = false;
    try {
      for (let last = this.#known.at(-1); last !== undefined && last.index >= before.index;) {
        if (last.index === before.index) {
          last.size = before.size;
          last.synced = false;
          this.#files.truncate(last.path, before.size);
          return;
        }
        this.#known.pop();
        this.#files.unlink(last.path);
        // Nobody has read it: the number is free again, and no gap remains.
        this.#newest = last.index - 1;
        last = this.#known.at(-1);
      }
    } catch {
      // Found as damage at the next start; the log has the samples.
    }
  }

  /** The process before may have left a file in the page cache alone. It may have the only copy of a damaged record. */
  async #syncFound(known: KnownFile, isSuspect: boolean): Promise<void> {
    try {
      // It was read a moment ago: what is written again is intact.
      if (isSuspect) await writeAgain(known.path, 0, known.size, this.#files);
      await this.#sync(known);
    } catch {
      known.mustBeWrittenAgain = true;
      // The next file begins after a sync that succeeds. Until then the log has the samples, too.
    }
  }

  /** Throws the system's error. The next start goes on with the files that are still where they were. */
  #setAside(found: readonly HeadChunkFile[], asideDir: string, replaces: boolean): void {
    // The newest first: what a crash leaves has no gap. Synced: after a power cut none is back, between newer files.
    for (const { path } of found.toReversed())
      moveAside(path, asideDir, this.#files, { name: `${CHUNKS_HEAD_FOLDER}-${basename(path)}`, replaces });
  }

  #isEmpty(path: string): boolean {
    const bytes = new Uint8Array(4);
    const file = this.#files.open(path, "r");
    try {
      return readFully(this.#files, file, bytes, 0) < 4 || bytes.every((byte) => byte === 0);
    } catch (cause) {
      if (damageOf(cause) === undefined) throw cause;
      return false;
    } finally {
      this.#files.close(file);
    }
  }
}

function unreadableOnlyCopy(path: string, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  const remedy =
    "start again if the fault can pass, or move this file and those with higher numbers to another folder: " +
    "the start then takes from the logs what they have";
  const reason =
    "the WAL may lack some of its samples, because an earlier process could not bring all of it to the disk";
  return Object.assign(new Error(`${path} cannot be read (${message}), and ${reason}: ${remedy}`, { cause }), { code });
}
