import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { peers } from "./requirements.ts";
import { launcher } from "./running.ts";

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const MAX_OUTPUT = 1024 ** 3;

export const blocksIn = (dir: string): string[] => readdirSync(dir).filter((name) => ULID.test(name));

interface Meta {
  readonly minTime: number;
  readonly maxTime: number;
  readonly stats: Readonly<Record<string, number>>;
  readonly compaction: {
    readonly level: number;
    readonly sources: readonly string[];
    readonly parents?: readonly { readonly minTime: number; readonly maxTime: number }[];
    readonly hints?: readonly string[];
  };
}

/** Contents of a block's meta.json, without the ids of the block and of its parents. */
export interface BlockMetadata {
  readonly minTime: number;
  readonly maxTime: number;
  readonly level: number;
  readonly sources: number;
  /** Time ranges of the blocks that were merged into this block. */
  readonly parents: readonly (readonly [minTime: number, maxTime: number])[];
  readonly hints: readonly string[];
  readonly stats: Readonly<Record<string, number>>;
  readonly dir: string;
}

/** Returns the metadata of the blocks in a data folder, oldest first. */
export function blockMetadata(dir: string): BlockMetadata[] {
  return blocksIn(dir)
    .map((name): BlockMetadata => {
      const { minTime, maxTime, stats, compaction } = JSON.parse(
        readFileSync(join(dir, name, "meta.json"), "utf8"),
      ) as Meta;
      const parents = (compaction.parents ?? []).map((parent) => [parent.minTime, parent.maxTime] as const);
      return {
        minTime,
        maxTime,
        level: compaction.level,
        sources: compaction.sources.length,
        parents,
        hints: compaction.hints ?? [],
        stats,
        dir: join(dir, name),
      };
    })
    .toSorted((a, b) => a.minTime - b.minTime || a.level - b.level);
}

/** Runs `promtool tsdb …` of Prometheus and returns the output. */
export const promtool = (...args: string[]): string =>
  execFileSync(join(peers, "promtool"), ["tsdb", ...args], { encoding: "utf8", maxBuffer: MAX_OUTPUT });

/** Runs our `promtool tsdb …` and returns the output. */
export const narthexTool = (...args: string[]): string =>
  execFileSync(launcher, ["promtool", "tsdb", ...args], { encoding: "utf8", maxBuffer: MAX_OUTPUT });
