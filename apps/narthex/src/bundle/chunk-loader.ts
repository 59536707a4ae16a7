import { accessSync, constants, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";
import { threadId } from "node:worker_threads";
import { crc32 } from "node:zlib";
import type { Clock } from "@narthex/runtime";
import { type CachedCode, decodeCodeCache, encodeCodeCache } from "./code-cache-file.ts";

/**
 * Delay in ms after the start before a process saves its compiled code. By then a server has started all its work, and
 * V8 has not yet discarded compiled code.
 */
const WRITE_AFTER_MS = 5000;
/**
 * Delay in ms before a thread saves its code. The delay is shorter than that of the main thread, because threads start
 * faster and are ended without notice.
 */
const THREAD_WRITE_AFTER_MS = 1000;
/**
 * Time in ms after which the contents of the cache file, a few megabytes, are released from memory. All chunks are
 * loaded shortly after one another.
 */
const RELEASE_AFTER_MS = 1000;
/**
 * Age in ms above which a temporary file is removed. Writing takes far less time, so the process that wrote an older
 * file was killed.
 */
const LONGEST_WRITE_MS = 60_000;

interface Chunk {
  readonly exports: object;
}

type ChunkBody = (
  exports: object,
  require: (name: string) => unknown,
  module: Chunk,
  file: string,
  dir: string,
) => void;

interface CompiledChunk {
  readonly script: Script;
  readonly source: number;
}

/** Paths of a bundle's chunks and of the file with their compiled code. */
export interface ChunkPlace {
  readonly dir: string;
  readonly cacheFile: string;
  readonly clock: Clock;
}

/**
 * Loads the chunks of a bundle with the code that V8 compiled for them in an earlier process. Node's own cache contains
 * a module's code as it is before the module runs. This loader saves the code after the start, when the functions that
 * the start needs are compiled. This saves a third of the work of a start.
 */
export class ChunkLoader {
  readonly #place: ChunkPlace;
  readonly #require: NodeJS.Require;
  readonly #chunks = new Map<string, Chunk>();
  /** Chunks that were compiled in this process and whose code is not saved yet. */
  readonly #compiled = new Map<string, CompiledChunk>();
  readonly #encoded = new Map<string, CachedCode>();
  #cached: ReadonlyMap<string, CachedCode> | undefined;

  constructor(place: ChunkPlace) {
    this.#place = place;
    this.#require = createRequire(join(place.dir, "main.js"));
  }

  /** Loads a chunk if necessary. Returns its exports. */
  load(name: string): object {
    const known = this.#chunks.get(name);
    if (known !== undefined) return known.exports;
    const { dir } = this.#place;
    const filename = join(dir, name);
    const chunk: Chunk = { exports: {} };
    const body = this.#compile(name, filename).runInThisContext() as ChunkBody;
    this.#chunks.set(name, chunk);
    try {
      body(chunk.exports, this.#resolve, chunk, filename, dir);
    } catch (error) {
      // Removes the chunk that failed, because the next caller would otherwise get incomplete exports.
      this.#chunks.delete(name);
      throw error;
    }
    return chunk.exports;
  }

  readonly #resolve = (name: string): unknown => {
    if (name.startsWith("./")) return this.load(name.slice(2));
    return isBuiltin(name) ? process.getBuiltinModule(name) : this.#require(name);
  };

  #compile(name: string, filename: string): Script {
    const bytes = readFileSync(filename);
    const source = crc32(bytes);
    const cached = this.#codeOf(name, source);
    const script = new Script(bytes.toString("latin1"), {
      filename,
      ...(cached === undefined ? {} : { cachedData: cached }),
    });
    if (cached === undefined || script.cachedDataRejected === true) this.#compiled.set(name, { script, source });
    return script;
  }

  #codeOf(name: string, source: number): Uint8Array | undefined {
    if (this.#cached === undefined) {
      this.#cached = this.#read();
      this.#place.clock.after(RELEASE_AFTER_MS, () => (this.#cached = undefined));
    }
    const cached = this.#cached.get(name);
    return cached?.source === source ? cached.code : undefined;
  }

  #read(): Map<string, CachedCode> {
    try {
      return decodeCodeCache(readFileSync(this.#place.cacheFile));
    } catch {
      return new Map();
    }
  }

  /**
   * Schedules saving of the code that was compiled in this process: after a delay, and at exit. Without write access,
   * nothing is saved and the next process compiles again.
   */
  keepCode(): void {
    const { clock } = this.#place;
    const keepOne = (): void => {
      if (!this.#mayWrite()) return;
      this.#encodeOne();
      if (this.#compiled.size > 0) clock.after(0, keepOne);
      else this.#write();
    };
    clock.after(threadId === 0 ? WRITE_AFTER_MS : THREAD_WRITE_AFTER_MS, keepOne);
    process.once("exit", () => this.writeCode());
  }

  /** Saves the code that was compiled in this process, immediately. */
  writeCode(): void {
    if (!this.#mayWrite()) return;
    while (this.#compiled.size > 0) this.#encodeOne();
    this.#write();
  }

  #mayWrite(): boolean {
    if (this.#compiled.size + this.#encoded.size === 0) return false;
    try {
      accessSync(dirname(this.#place.cacheFile), constants.W_OK);
      return true;
    } catch {
      this.#compiled.clear();
      return false;
    }
  }

  /**
   * Requests the compiled code of one chunk from V8. Handles only one chunk for each call, because a chunk takes some
   * milliseconds.
   */
  #encodeOne(): void {
    const [first] = this.#compiled;
    if (first === undefined) return;
    const [name, { script, source }] = first;
    this.#compiled.delete(name);
    this.#encoded.set(name, { source, code: script.createCachedData() });
  }

  #write(): void {
    const { cacheFile, clock } = this.#place;
    const temporary = `${cacheFile}.${process.pid}.${threadId}`;
    try {
      removeLeftovers(cacheFile, clock.now());
      const all = new Map([...this.#read(), ...this.#encoded]);
      this.#encoded.clear();
      writeFileSync(temporary, encodeCodeCache(all), { flag: "wx", mode: 0o644 });
      renameSync(temporary, cacheFile);
    } catch {
      remove(temporary);
    }
  }
}

/** Removes the temporary files of processes that were killed while they wrote. */
function removeLeftovers(cacheFile: string, nowMs: number): void {
  const dir = dirname(cacheFile);
  const prefix = `${basename(cacheFile)}.`;
  for (const name of readdirSync(dir).filter((one) => one.startsWith(prefix))) {
    const path = join(dir, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
    if (nowMs - written > LONGEST_WRITE_MS) remove(path);
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Ignores the error: the file stays, and the user could not do anything about it.
  }
}
