import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import type { Querier, Queryable } from "@narthex/storage";
import { blockPaths } from "../block-set/block-folders.ts";
import { openBlock } from "../block/open-block.ts";
import { openTsdb } from "../open-tsdb.ts";
import type { Tsdb } from "../tsdb.ts";
import type { Files } from "../files.ts";
import { mergedQueryable } from "../select/merge.ts";
import { contentsOf } from "./contents.ts";
import type { Contents } from "./reference-model.ts";

const nothing: Queryable = {
  querier: (): Querier => ({
    select: () => Promise.resolve({ labels: [], warnings: [], read: (_, __, ___, into) => into.reset() }),
    labelNames: () => Promise.resolve([]),
    labelValues: () => Promise.resolve([]),
    close: () => {},
  }),
};

/** Reads the content of an open database's blocks, without its head. */
export function blockContents(db: Tsdb, dir: string, files: Files): Promise<Contents> {
  const open = new Set(db.blocks().map(({ ulid }) => ulid));
  return blocksOnDisk(dir, files, (ulid) => open.has(ulid));
}

/** Reads the content of the blocks in a data folder that `isMeant` accepts. A database need not use these blocks. */
export async function blocksOnDisk(dir: string, files: Files, isMeant: (ulid: string) => boolean): Promise<Contents> {
  const paths = [...blockPaths(dir, files)].flatMap(([ulid, path]) => (isMeant(ulid) ? [path] : []));
  const blocks = paths.map((path) => openBlock(path, { files }));
  try {
    return await contentsOf(mergedQueryable(nothing, () => blocks));
  } finally {
    for (const block of blocks) block.close();
  }
}

/** Opens a folder as a database and reads its content. */
export async function folderContents(dir: string, files: Files, now: number): Promise<Contents> {
  const logger = memoryLogger();
  const clock = new ManualClock(now);
  const db = await openTsdb(dir, { clock, logger, files, lockFile: false, retentionMs: 0 });
  try {
    return await contentsOf(db.queryable);
  } finally {
    await db.close();
  }
}

/** Returns a message about the first sample in which two contents differ; undefined if they are equal. */
export function difference(expected: Contents, found: Contents): string | undefined {
  for (const series of new Set([...expected.keys(), ...found.keys()])) {
    const [a, b] = [expected.get(series), found.get(series)];
    for (const time of new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])) {
      const [wanted, value] = [a?.get(time), b?.get(time)];
      if (wanted !== value) return `${series} at ${time} is ${value ?? "not there"}, not ${wanted ?? "missing"}`;
    }
  }
  return undefined;
}
