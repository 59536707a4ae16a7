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
/** Upper limit for the size in bytes of a chunk file's entry, without the chunk itself. */
export const ENTRY_ROOM_BYTES = 64;
/** Size in bytes from which a chunk file gets no further batch of chunks; the next batch begins a new file. */
const LONG_FILE_BYTES = MAX_FILE_BYTES - 16 * 1024 * 1024;

/** Location of a written chunk: its chunk file, and the offsets of its entry and of its bytes in this file. */
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
  /** Whether the whole file has been synced to the disk. */
  synced: boolean;
  /**
   * Whether the file must be rewritten because a sync failed. After a failed sync the system may drop unwritten pages
   * and report success for the next sync.
   */
  mustBeWrittenAgain: boolean;
  /** Promise of the sync in progress; undefined if no sync is in progress. */
  syncing?: Promise<void> | undefined;
}

/** Options for reading the chunk files at a start, in particular those that are damaged. */
export interface LoadOptions {
  /** Whether the write-ahead logs contain all samples of the chunk files. */
  readonly logsHaveAll: boolean;
  /** Folder to which damaged files are moved. */
  readonly asideDir: string;
  /** Runs once, before the first damaged file is moved to `asideDir`. */
  readonly onDamage?: (() => void) | undefined;
}

/** End position of the chunk files. All chunks that were written earlier are before this position. */
export interface ChunkFilesEnd {
  readonly file: number;
  readonly size: number;
}

/**
 * The files in the folder chunks_head, in Prometheus' format, with closed chunks of the head. Usually the write-ahead
 * logs contain the same samples, so a damaged file can be moved away; LogGap records when the logs may lack samples.
 */
export class ChunkFiles {
  readonly dir: string;
  readonly reader: ChunkFileReader;
  readonly #files: Files;
  readonly logger: Logger;
  readonly #removeLater: RemoveLater;
  readonly #known: KnownFile[] = [];
  readonly #buffer = new ByteWriter(FLUSH_BYTES + 64 * 1024);
  #open = -1;
  /** Whether the newest file is open for writing. `#open` is its descriptor. */
  #writing = false;
  /**
   * Number of the newest file. File numbers are never reused, because the cache may still contain pages of a removed
   * file.
   */
  #newest = 0;
  /**
   * Number of file names that were created or removed. These changes must be synced before a new file begins. Otherwise
   * a power cut could restore a removed file, or lose a file that is older than a remaining one.
   */
  #nameChanges = 1;
  #namesSynced = 0;
  corruptions = 0;
  written = 0;

  /** @param removeLater removes files that are not needed any more, for instance on another thread */
  constructor(
    dir: string,
    files: Files,
    logger: Logger,
    removeLater: RemoveLater = async (path) => files.remove(path),
  ) {
    this.dir = dir;
    this.#removeLater = removeLater;
    this.#files = files;
    this.logger = logger;
    this.reader = new ChunkFileReader(dir, files);
  }

  /** Total size of the files, bytes. */
  get size(): number {
    return this.#known.reduce((sum, { size }) => sum + size, 0);
  }

  /** End of the newest file; file 0 if there are no files. */
  get end(): ChunkFilesEnd {
    const last = this.#known.at(-1);
    return { file: last?.index ?? 0, size: last?.size ?? 0 };
  }

  /**
   * Returns whether the folder still contains all chunks before the given end, except for files that are no longer
   * needed.
   */
  reaches({ file, size }: ChunkFilesEnd): boolean {
    return (
      file === 0 || this.#known.some((known) => known.index > file || (known.index === file && known.size >= size))
    );
  }

  /** Number of the oldest file; 0 if there are no files. */
  get oldest(): number {
    return this.#known[0]?.index ?? 0;
  }

  /** Number of the newest file that ever existed; 0 if there never was a file. */
  get newest(): number {
    return this.#newest;
  }

  /**
   * Reads all chunk files at a start. If a file is damaged, moves this file and all later files to another folder and
   * throws HeadChunkDamage; their samples then come from the logs. A file that the disk cannot read counts as damaged
   * only if the logs contain all of its samples. Otherwise load() throws the error and moves no file, because a later
   * start may succeed. `visit` throws HeadChunkDamage for an entry that contradicts earlier entries.
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
        if (i > 0 && file.index !== found[i - 1]!.index + 1) throw new HeadChunkDamage("the previous file is missing");
        known.size = await scanHeadChunkFile(file, this.#files, (entry) => {
          visit(entry);
          known.maxTime = Math.max(known.maxTime, entry.maxTime);
        });
        await this.#syncFound(known);
        this.#known.push(known);
        this.#newest = file.index;
      } catch (cause) {
        const damage = damageOf(cause);
        if (damage === undefined) throw cause;
        if (damage !== cause && !options.logsHaveAll) throw unreadableOnlyCopy(file.path, cause);
        this.corruptions++;
        options.onDamage?.();
        const samples = options.logsHaveAll
          ? "the WAL contains their samples"
          : "some of their samples may be missing in the WAL";
        this.logger.error(`a head chunk file is damaged; it and later ones are moved to another folder, ${samples}`, {
          file: file.path,
          folder: options.asideDir,
          reason: damage.message,
        });
        // Replaces files that earlier starts moved to the same folder, if the logs contain their samples. Otherwise one
        // more copy per start would fill the disk.
        this.#setAside(found.slice(i), options.asideDir, options.logsHaveAll);
        throw damage;
      }
    }
  }

  /**
   * Writes chunks and returns their locations. On an error, throws the system's error and writes none of the chunks.
   */
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

  /** Ends the newest file and syncs all files. Throws the system's error. */
  async finish(): Promise<void> {
    this.cut();
    const last = this.#known.at(-1);
    if (last !== undefined) await this.#sync(last);
    await this.#files.syncFolder(this.dir);
  }

  /**
   * Syncs all files and names that must be on the disk before the next file begins, without blocking the event loop.
   * Throws the system's error. After a failed sync each call rewrites the file, so frequent callers must check
   * `hasFailed` first.
   */
  async settle(): Promise<void> {
    if (this.#writing) {
      if (this.#known.at(-1)!.size < LONG_FILE_BYTES) return;
      this.cut();
    }
    const last = this.#known.at(-1);
    // The loop repeats the sync if a file was removed while the folder was being synced.
    while (this.#namesSynced < this.#nameChanges) {
      const changes = this.#nameChanges;
      await this.#files.syncFolder(this.dir);
      this.#namesSynced = Math.max(this.#namesSynced, changes);
    }
    if (last !== undefined) await this.#sync(last);
  }

  /** Whether the sync of the last file failed. No new file begins before its sync succeeds. */
  get hasFailed(): boolean {
    return this.#known.at(-1)?.mustBeWrittenAgain === true;
  }

  /** Returns whether chunks of `bytes` bytes, including their headers, can be written without waiting for a sync. */
  isReadyFor(bytes: number): boolean {
    const last = this.#known.at(-1);
    if (this.#writing) return last!.size + this.#buffer.length + bytes <= MAX_FILE_BYTES;
    return this.#namesSynced >= this.#nameChanges && last?.synced !== false;
  }

  /** Ends the newest file. The next chunk begins a new file. */
  cut(): void {
    this.#flush();
    if (this.#open >= 0) this.#files.close(this.#open);
    this.#open = -1;
    this.#writing = false;
  }

  /**
   * Removes the oldest files from the list. Stops at the first file that has a sample at or after `minTime`, or whose
   * number is at least `keepFrom`. Returns the numbers of the removed files; the caller deletes the files.
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
      this.logger.warn("a head chunk file that is no longer needed could not be removed", { file, err: cause });
    }
    // Increases the counter a second time after the removal, because a folder sync that ran during the removal may not
    // include the removal.
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
   * Syncs all file names, and the content of the last file, before the next file begins. The replay of a series begins
   * after its newest stored chunk, so a power cut must not lose an earlier chunk.
   */
  #syncLast(): void {
    const last = this.#known.at(-1);
    if (last === undefined || last.synced) return;
    // Throws instead of rewriting the file or waiting for a sync in progress, because both would block the event loop.
    // settle() does both without blocking.
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

  /**
   * Syncs a file without blocking the event loop. If an earlier sync failed, rewrites the file first. Concurrent
   * callers share the sync in progress.
   */
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

  /**
   * Throws an error if the file has lost content after a failed sync. The system may have dropped unwritten pages; a
   * read then returns old content, and writing that old content back would destroy data.
   */
  async #mustBeIntact({ index, path, size }: KnownFile): Promise<void> {
    const end = await scanHeadChunkFile({ index, path, size }, this.#files, () => undefined);
    if (end < size)
      throw new HeadChunkDamage(`${path} ends at byte ${end}, but ${size} bytes were written to it`, index);
  }

  #flush(): void {
    const bytes = this.#buffer.written;
    if (bytes.length === 0) return;
    const known = this.#known.at(-1)!;
    this.#buffer.reset();
    for (let done = 0; done < bytes.length;) done += this.#files.write(this.#open, bytes.subarray(done));
    known.size += bytes.length;
  }

  /**
   * Undoes a failed write: removes all bytes and files that were added after the position `before`. Later chunks go
   * into a new file.
   */
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
        // Reuses the file's number, because no chunk reference contains it yet. The numbers of the files then have no
        // gap.
        this.#newest = last.index - 1;
        last = this.#known.at(-1);
      }
    } catch {
      // Ignores a failure to shorten or remove the damaged file. The next start detects the damage and takes the samples of the file from the log.
    }
  }

  /**
   * Syncs a file that an earlier process wrote, because its data may be only in the system's page cache. The file may
   * have the only copy of samples whose log record is damaged.
   */
  async #syncFound(known: KnownFile): Promise<void> {
    try {
      await this.#sync(known);
    } catch {
      known.mustBeWrittenAgain = true;
      // Ignores the error of the sync, because the log still contains the samples. A new chunk file begins only after a
      // sync of this file has succeeded.
    }
  }

  /** Moves files to another folder. Throws the system's error; the next start then moves the files that remain. */
  #setAside(found: readonly HeadChunkFile[], asideDir: string, replaces: boolean): void {
    // Moves the newest file first and syncs each move, so that neither a crash nor a power cut leaves a gap in the file
    // numbers.
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
  const reason =
    "the WAL may lack some of its samples, because it was damaged or an earlier process did not end properly";
  const remedy =
    "Repair the disk and start again. If the file is lost, move it and the files with higher numbers to another " +
    "folder; the next start then reads those samples that are in the WAL";
  return Object.assign(new Error(`${path} cannot be read (${message}), and ${reason}. ${remedy}`, { cause }), { code });
}
