import { invariant } from "@narthex/runtime";
import type { Appendable, Queryable } from "@narthex/storage";
import { openTsdb, type Tsdb, type TsdbOptions } from "@narthex/tsdb";

/**
 * The server's storage, known to all parts before it is open: the web answers "not ready" while a long log is replayed,
 * and nobody reads or writes before `open` has resolved.
 */
export class ServerStorage {
  readonly progress = { min: 0, max: 0, current: 0 };
  readonly queryable: Queryable = { querier: (minTime, maxTime) => this.tsdb.queryable.querier(minTime, maxTime) };
  readonly appendable: Appendable = { appender: (options) => this.tsdb.appendable.appender(options) };
  #tsdb: Tsdb | undefined;

  get tsdb(): Tsdb {
    invariant(this.#tsdb !== undefined, "storage is used only after it was opened");
    return this.#tsdb;
  }

  /** Rejects with FolderLockedError when another process has the folder. */
  async open(folder: string, options: TsdbOptions): Promise<void> {
    this.#tsdb = await openTsdb(folder, { ...options, progress: this.progress });
  }

  async close(): Promise<void> {
    await this.#tsdb?.close();
  }
}
