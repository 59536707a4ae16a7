import { type Clock, DataPathError, dataPathProblem, invariant, returnFreedMemory } from "@narthex/runtime";
import type { Appendable, Queryable } from "@narthex/storage";
import { FolderLockedError, openTsdb, type Tsdb, type TsdbOptions } from "@narthex/tsdb";
import { returnStartMemoryLater } from "./start-memory.ts";

const RETURN_MEMORY_MS = 60_000;

export const DATA_FLAG = "--storage.tsdb.path";

/** Returns the message for the operator if a data folder could not be opened. Undefined if the error is a bug. */
export function openingProblem(error: unknown, flag: string = DATA_FLAG): string | undefined {
  if (error instanceof FolderLockedError || error instanceof DataPathError) return error.message;
  if (!(error instanceof Error) || !("syscall" in error)) return undefined;
  return dataPathProblem(error, "path" in error ? String(error.path) : "the data folder", flag);
}

/**
 * The server's storage. The object exists before the storage is open, so that the web server can answer "not ready"
 * during WAL replay. Reads and writes are allowed after `open` has resolved.
 */
export class ServerStorage {
  readonly progress = { min: 0, max: 0, current: 0 };
  readonly queryable: Queryable = { querier: (minTime, maxTime) => this.tsdb.queryable.querier(minTime, maxTime) };
  readonly appendable: Appendable = { appender: (options) => this.tsdb.appendable.appender(options) };
  #tsdb: Tsdb | undefined;
  #cancel: () => void = () => {};
  #cancelOfStart: () => void = () => {};

  get isOpen(): boolean {
    return this.#tsdb !== undefined;
  }

  get tsdb(): Tsdb {
    invariant(this.#tsdb !== undefined, "storage is used only after it was opened");
    return this.#tsdb;
  }

  /** Opens the data folder. Rejects with FolderLockedError if another process uses it. */
  async open(folder: string, options: TsdbOptions): Promise<void> {
    this.#tsdb = await openTsdb(folder, { ...options, progress: this.progress });
    this.#cancelOfStart = returnStartMemoryLater(options.clock);
    this.#returnMemoryLater(options.clock);
  }

  async close(): Promise<void> {
    this.#cancel();
    this.#cancelOfStart();
    await this.#tsdb?.close();
  }

  /** Regularly returns freed memory of compactions and queries to the operating system. */
  #returnMemoryLater(clock: Clock): void {
    this.#cancel = clock.after(RETURN_MEMORY_MS, () => {
      void returnFreedMemory();
      this.#returnMemoryLater(clock);
    });
  }
}
