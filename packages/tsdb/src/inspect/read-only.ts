import type { Labels } from "@narthex/model";
import type { Querier, Queryable } from "@narthex/storage";
import type { Block } from "../block/block.ts";
import { BlockError } from "../block/block-error.ts";
import { openBlock } from "../block/open-block.ts";
import { PageCache } from "../block/page-cache.ts";
import { endOfBlocks } from "../block-set/block-hints.ts";
import { diskFiles } from "../files.ts";
import { Head } from "../head/head.ts";
import { mergedQueryable } from "../select/merge.ts";
import { listBlocks } from "./list-blocks.ts";
import { linkedChunkFiles, readUnchanged } from "./read-unchanged.ts";
import { makeSandbox } from "./sandbox.ts";

/** A data folder that is open for reading only. Other processes may write to the folder at the same time. */
export interface ReadOnlyTsdb extends Queryable, Disposable {
  readonly blockCount: number;
  /** Messages about parts of the data that could not be read. */
  readonly problems: readonly string[];
  /** Compares two series by the position of their first records in the log. */
  readonly logOrder: (a: Labels, b: Labels) => number;
}

export interface ReadOnlyOptions {
  /** If a block ends after this time (ms), the log is not read. */
  readonly maxTime: number;
  /**
   * Whether the last block is assumed to contain all samples before its end, even if the block was made from selected
   * samples. promtool makes the same assumption.
   */
  readonly lastBlockCovers?: boolean;
  /** Folder in which a temporary folder is created; by default the data folder. */
  readonly sandboxRoot?: string;
}

/**
 * Opens a data folder for tools: its blocks, and the log if no block ends after `maxTime`. Repairs nothing: damaged
 * parts are skipped and described in `problems`. Throws the system's error, for instance if the `wal` folder is
 * missing.
 */
export async function openReadOnly(
  dir: string,
  { maxTime, lastBlockCovers = false, sandboxRoot = dir }: ReadOnlyOptions,
): Promise<ReadOnlyTsdb> {
  const listing = listBlocks(dir);
  const problems = [...listing.problems];
  const blocks: Block[] = [];
  const cache = new PageCache();
  for (const { dir: path } of listing.blocks) {
    try {
      blocks.push(openBlock(path, { files: diskFiles, cache }));
    } catch (cause) {
      if (!(cause instanceof BlockError)) throw cause;
      problems.push(cause.message);
    }
  }
  const metas = blocks.map(({ meta }) => meta);
  const minValidTime = lastBlockCovers ? (metas.at(-1)?.maxTime ?? -Infinity) : endOfBlocks(metas);
  const sandbox = makeSandbox(sandboxRoot);
  const head = new Head(0, undefined, { minValidTime, chunkFiles: linkedChunkFiles(sandbox) });
  try {
    if (metas.every((meta) => meta.maxTime <= maxTime))
      for (const item of await readUnchanged(dir, head, sandbox)) problems.push(item);
  } catch (cause) {
    diskFiles.remove(sandbox);
    throw cause;
  }
  return new Reading(blocks, head, problems, sandbox);
}

class Reading implements ReadOnlyTsdb {
  readonly problems: readonly string[];
  readonly #blocks: readonly Block[];
  readonly #head: Head;
  readonly #sandbox: string;
  readonly #merged: Queryable;

  constructor(blocks: readonly Block[], head: Head, problems: readonly string[], sandbox: string) {
    this.#blocks = blocks;
    this.#head = head;
    this.problems = problems;
    this.#sandbox = sandbox;
    this.#merged = mergedQueryable(head, () => blocks);
  }

  get blockCount(): number {
    return this.#blocks.length;
  }

  querier(minTime: number, maxTime: number): Querier {
    return this.#merged.querier(minTime, maxTime);
  }

  readonly logOrder = (a: Labels, b: Labels): number => this.#reference(a) - this.#reference(b);

  #reference(labels: Labels): number {
    const { series } = this.#head.memory;
    return series.at.ref[series.find(labels)]!;
  }

  [Symbol.dispose](): void {
    for (const block of this.#blocks) block.close();
    diskFiles.remove(this.#sandbox);
  }
}
