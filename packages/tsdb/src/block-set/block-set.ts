import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Logger } from "@narthex/runtime";
import type { Block } from "../block/block.ts";
import type { BlockMeta } from "../block/meta.ts";
import { isDamage } from "../block/block-error.ts";
import { DELETION_SUFFIX, openBlockInTurns } from "../block/open-block.ts";
import { PageCache } from "../block/page-cache.ts";
import { isUlid } from "../block/ulid.ts";
import { CREATION_SUFFIX } from "../block/write-block.ts";
import { blockFolders, blockPaths } from "./block-folders.ts";
import { listDamaged, setAside } from "./damaged-blocks.ts";
import type { Files } from "../files.ts";
import { SharedBlockList } from "../share/shared-block-list.ts";
import type { StorageThread } from "../storage-thread/storage-thread.ts";

/** A block that cannot be read, its path and the reason. */
export interface DamagedBlock {
  readonly ulid: string;
  readonly reason: string;
  /** Current path of the block. */
  readonly path: string;
  /** Whether the block was moved to the folder of damaged blocks. */
  readonly isAside: boolean;
}

/** Counters of a BlockSet for the database's own metrics. */
export interface BlockSetStats {
  reloads: number;
  reloadsFailed: number;
}

const DRAFT_SUFFIXES = [CREATION_SUFFIX, DELETION_SUFFIX, ".tmp"];

/** The open blocks of a data folder, oldest first. */
export class BlockSet {
  readonly stats: BlockSetStats = { reloads: 0, reloadsFailed: 0 };
  /** The list of open blocks that is shared with other threads. */
  readonly shared: SharedBlockList;
  readonly #dir: string;
  readonly #files: Files;
  readonly #work: StorageThread;
  readonly #logger: Logger;
  readonly #cache = new PageCache();
  #blocks: readonly Block[] = [];
  /** Promises of removed blocks by name. Each resolves when the last reader has finished and the files are deleted. */
  readonly #leaving = new Map<string, Promise<void>>();
  /**
   * Delete functions of removed blocks whose folders could not be deleted, by block name. Each reload() tries the
   * deletion again. Such a block is not opened again.
   */
  readonly #undeleted = new Map<string, () => Promise<void>>();
  /** Blocks, by name, that prepare() has opened and the next reload() adds. */
  readonly #prepared = new Map<string, Block>();
  /** Reasons why blocks could not be opened by prepare(), by name. */
  readonly #unopened = new Map<string, unknown>();
  /** Blocks of the folder that are not open, by name, with the reason. */
  readonly #damaged = new Map<string, DamagedBlock>();

  /** @param firstNumber first number for blocks. The two block sets of a data folder use odd and even numbers */
  constructor(dir: string, files: Files, work: StorageThread, logger: Logger, firstNumber: 1 | 2 = 1) {
    this.shared = new SharedBlockList(undefined, firstNumber);
    this.#dir = dir;
    this.#files = files;
    this.#work = work;
    this.#logger = logger;
  }

  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  get sizeBytes(): number {
    return this.#blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /**
   * Blocks that could not be read, and that were not opened later. Includes blocks that were moved to the folder of
   * damaged blocks.
   */
  get damaged(): readonly DamagedBlock[] {
    return [...this.#damaged.values()];
  }

  /**
   * Messages about unreadable blocks that are still in the data folder. The samples of these blocks are missing in
   * query results.
   */
  get unreadable(): readonly string[] {
    return this.damaged
      .filter(({ isAside }) => !isAside)
      .map(({ ulid, reason }) => `block ${ulid} cannot be read, its samples are missing: ${reason}`);
  }

  /**
   * Number of blocks in the folder for damaged blocks, including blocks that an operator has moved into this folder.
   */
  get setAsideCount(): number {
    return listDamaged(this.#dir, this.#files).length;
  }

  /** Removes blocks that an earlier process left half written or half deleted. Must be called before prepare(). */
  async removeDrafts(): Promise<void> {
    for (const folder of blockFolders(this.#dir, this.#files)) {
      for (const name of this.#files.list(folder)) {
        const suffix = DRAFT_SUFFIXES.find((ending) => name.endsWith(ending));
        if (suffix === undefined || !isUlid(name.slice(0, -suffix.length))) continue;
        this.#logger.info("removing the remains of an unfinished block", { dir: name });
        try {
          await this.#work.remove(join(folder, name));
        } catch (cause) {
          this.#logger.warn("the remains of an unfinished block could not be removed", { dir: name, err: cause });
        }
      }
    }
  }

  /**
   * Opens new blocks of the folder, which the next reload() adds to the set. At the start, this thread opens the blocks
   * and yields to other work. Later, another thread does the slow part.
   */
  async prepare(atStart = false): Promise<void> {
    this.#unopened.clear();
    const known = new Set(this.#blocks.map(({ dir }) => basename(dir)));
    for (const [name, path] of blockPaths(this.#dir, this.#files)) {
      if ([known, this.#leaving, this.#undeleted, this.#prepared].some((names) => names.has(name))) continue;
      const options = { files: this.#files, cache: this.#cache };
      try {
        this.#prepared.set(name, await (atStart ? openBlockInTurns(path, options) : this.#work.open(path, options)));
      } catch (cause) {
        this.#unopened.set(name, cause);
      }
    }
  }

  /**
   * Updates the set from the folder: adds the blocks that prepare() has opened, closes deleted blocks, and removes
   * blocks that were merged into other blocks. At the start, damaged blocks are moved to another folder. Later, damaged
   * blocks are reported and tried again, since an operator may still be copying them.
   */
  reload(atStart = false): void {
    this.stats.reloads++;
    const known = new Map(this.#blocks.map((block) => [basename(block.dir), block]));
    const open = new Map<string, Block>();
    const failures = new Map<string, unknown>();
    const paths = blockPaths(this.#dir, this.#files);
    for (const [name, erase] of this.#undeleted) {
      if (!paths.has(name)) this.#undeleted.delete(name);
      else if (!this.#leaving.has(name)) this.#delete(name, erase);
    }
    for (const name of paths.keys()) {
      if (this.#leaving.has(name)) continue;
      const block = known.get(name) ?? this.#prepared.get(name);
      if (block !== undefined) {
        open.set(name, block);
        this.#prepared.delete(name);
        this.#damaged.delete(name);
      } else if (this.#unopened.has(name)) failures.set(name, this.#unopened.get(name));
    }
    for (const [name, block] of known) {
      if (open.has(name)) continue;
      this.#logger.warn("another program removed a block from the data folder", { block: name });
      block.close();
    }
    for (const block of this.#prepared.values()) block.close();
    this.#prepared.clear();
    this.#blocks = [...open.values()].sort((a, b) => a.meta.minTime - b.meta.minTime);
    const replaced = this.#replaced();
    for (const [name, cause] of failures) {
      const path = paths.get(name)!;
      if (replaced.has(name)) this.#delete(name, () => this.#work.remove(path));
      else this.#report(name, path, cause, atStart);
    }
    if (failures.size > 0) this.stats.reloadsFailed++;
    this.republish();
    const isDoomed = ({ ulid, compaction }: BlockMeta): boolean => replaced.has(ulid) || compaction.deletable === true;
    this.remove(this.#blocks.filter(({ meta }) => isDoomed(meta)));
  }

  /** Publishes the blocks to other threads again after a change, for instance after new tombstones. */
  republish(): void {
    this.shared.publish(this.#blocks, this.unreadable);
  }

  /** Returns whether the block is open or still in use by readers. */
  has(ulid: string): boolean {
    return this.#leaving.has(ulid) || this.#blocks.some(({ meta }) => meta.ulid === ulid);
  }

  /**
   * Removes the files of a new block that cannot be read, because the block will be written again. Errors of the
   * removal are ignored.
   */
  discard(ulid: string): void {
    try {
      const path = blockPaths(this.#dir, this.#files).get(ulid) ?? join(this.#dir, ulid);
      this.#files.rename(path, path + DELETION_SUFFIX);
      this.#damaged.delete(ulid);
      this.#delete(ulid, () => this.#work.remove(path + DELETION_SUFFIX));
    } catch (cause) {
      this.#logger.warn("a block could not be removed", { block: ulid, err: cause });
    }
  }

  /** Removes blocks from the set, and removes their folders when the last reader has finished. */
  remove(blocks: readonly Block[]): void {
    if (blocks.length === 0) return;
    const removed = new Set(blocks);
    this.#blocks = this.#blocks.filter((block) => !removed.has(block));
    this.republish();
    for (const block of blocks) {
      this.#delete(block.meta.ulid, () => block.remove((path) => this.#work.remove(path)));
    }
  }

  /** Deletes the folder of a block. Logs only the first failure for a block, since each reload() tries again. */
  #delete(name: string, erase: () => Promise<void>): void {
    const gone = erase()
      .then(() => {
        this.#undeleted.delete(name);
        this.#logger.info("deleted a block", { block: name });
      })
      .catch((cause: unknown) => {
        if (!this.#undeleted.has(name)) this.#logger.warn("a block could not be deleted", { block: name, err: cause });
        this.#undeleted.set(name, erase);
      })
      .finally(() => this.#leaving.delete(name));
    this.#leaving.set(name, gone);
  }

  /** Resolves when the folders of all removed blocks without readers are deleted. */
  async settled(): Promise<void> {
    await Promise.race([Promise.all(this.#leaving.values()), setImmediate()]);
  }

  close(): void {
    for (const block of [...this.#blocks, ...this.#prepared.values()]) block.close();
    this.#blocks = [];
    this.#prepared.clear();
  }

  /**
   * Returns the names of blocks whose samples are also in a larger, merged block. Such a block remains in the folder
   * after a crash, or as long as a reader uses it.
   */
  #replaced(): ReadonlySet<string> {
    return new Set(this.#blocks.flatMap(({ meta }) => (meta.compaction.parents ?? []).map(({ ulid }) => ulid)));
  }

  #report(name: string, path: string, cause: unknown, move: boolean): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const known = this.#damaged.get(name);
    if (known?.reason === reason) return;
    if (!move || !isDamage(cause)) {
      this.#damaged.set(name, { ulid: name, reason, path, isAside: false });
      this.#logger.error("a block cannot be read; its samples are missing in query results", {
        block: name,
        err: reason,
      });
      return;
    }
    try {
      const moved = setAside(this.#dir, path, this.#files);
      this.#damaged.set(name, { ulid: name, reason, path: moved, isAside: true });
      this.#logger.error(
        "a block is damaged; it was moved to another folder and its samples are missing in query results",
        {
          block: name,
          movedTo: moved,
          err: reason,
        },
      );
    } catch (error) {
      this.#damaged.set(name, { ulid: name, reason, path, isAside: false });
      this.#logger.error("a damaged block could not be moved to another folder", { block: name, err: error });
    }
  }
}
