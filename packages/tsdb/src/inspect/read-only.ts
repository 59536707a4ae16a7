import { join } from "node:path";
import type { Labels } from "@narthex/model";
import type { Querier, Queryable } from "@narthex/storage";
import type { Block } from "../block/block.ts";
import { BlockError } from "../block/block-error.ts";
import { openBlock } from "../block/open-block.ts";
import { PageCache } from "../block/page-cache.ts";
import { diskFiles } from "../files.ts";
import { Head } from "../head/head.ts";
import { mergedQueryable } from "../select/merge.ts";
import { listBlocks } from "./list-blocks.ts";
import { readUnchanged } from "./read-unchanged.ts";

/** A data folder that is looked at and not changed; nobody is kept from writing into it meanwhile. */
export interface ReadOnlyTsdb extends Queryable, Disposable {
  readonly blockCount: number;
  /** Sentences about what could not be read. */
  readonly problems: readonly string[];
  /** Orders series by when the log named them first; for series of the log. */
  readonly logOrder: (a: Labels, b: Labels) => number;
}

/**
 * Opens a data folder for tools: its blocks, and where they end before `maxTime` the log too. Nothing is mended: what is
 * damaged is left out and named in `problems`. Throws the system's error, of the missing `wal` folder for instance.
 */
export async function openReadOnly(dir: string, options: { readonly maxTime: number }): Promise<ReadOnlyTsdb> {
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
  const head = new Head(0);
  const blocksEnd = blocks.reduce((end, { meta }) => Math.max(end, meta.maxTime), -Infinity);
  if (blocksEnd <= options.maxTime) problems.push(...(await readUnchanged(join(dir, "wal"), head)));
  return new Reading(blocks, head, blocksEnd, problems);
}

class Reading implements ReadOnlyTsdb {
  readonly problems: readonly string[];
  readonly #blocks: readonly Block[];
  readonly #head: Head;
  readonly #merged: Queryable;

  /** @param blocksEnd what the log has from before this time is in the blocks */
  constructor(blocks: readonly Block[], head: Head, blocksEnd: number, problems: readonly string[]) {
    this.#blocks = blocks;
    this.#head = head;
    this.problems = problems;
    const rest: Queryable = {
      querier: (minTime, maxTime) => head.querier(Math.max(minTime, blocksEnd), maxTime),
    };
    this.#merged = mergedQueryable(rest, () => blocks);
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
  }
}
