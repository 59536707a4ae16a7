import { type Clock, invariant } from "@narthex/runtime";
import type { Appendable, Queryable } from "@narthex/storage";
import { openTsdb, returnFreedMemory, returnMemoryOfStart, type Tsdb, type TsdbOptions } from "@narthex/tsdb";

const RETURN_MEMORY_MS = 60_000;

/**
 * The server's storage, known to all parts before it is open: the web answers "not ready" while a long log is replayed,
 * and nobody reads or writes before `open` has resolved.
 */
export class ServerStorage {
  readonly progress = { min: 0, max: 0, current: 0 };
  readonly queryable: Queryable = { querier: (minTime, maxTime) => this.tsdb.queryable.querier(minTime, maxTime) };
  readonly appendable: Appendable = { appender: (options) => this.tsdb.appendable.appender(options) };
  #tsdb: Tsdb | undefined;
  #cancel: () => void = () => {};

  get tsdb(): Tsdb {
    invariant(this.#tsdb !== undefined, "storage is used only after it was opened");
    return this.#tsdb;
  }

  /** Rejects with FolderLockedError when another process has the folder. */
  async open(folder: string, options: TsdbOptions): Promise<void> {
    this.#tsdb = await openTsdb(folder, { ...options, progress: this.progress });
    await returnMemoryOfStart();
    this.#returnMemoryLater(options.clock);
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.#tsdb?.close();
  }

  /** Again and again: what compactions and queries took for a while. */
  #returnMemoryLater(clock: Clock): void {
    this.#cancel = clock.after(RETURN_MEMORY_MS, () => {
      void returnFreedMemory();
      this.#returnMemoryLater(clock);
    });
  }
}
