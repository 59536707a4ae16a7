import { readdirSync, readlinkSync } from "node:fs";
import type { Clock } from "@narthex/runtime";
import type { FileTree } from "../host-files/host-files.ts";

/** Counts of one group. */
export interface OpenFileCount {
  readonly descriptors: number;
  readonly sockets: number;
}

interface Counted {
  readonly inode: number;
  readonly turn: number;
  /** The counts, or undefined if none of the processes can be read. */
  readonly count: OpenFileCount | undefined;
}

/** A group whose processes are counted. */
export interface CountedGroup {
  readonly path: string;
  readonly inode: number;
  readonly pids: readonly string[];
}

/**
 * Average time, in ms per scrape, for counting known groups again. If a group takes longer, the other groups wait for
 * later scrapes.
 */
const BUDGET_MS = 4;
/** Maximum unused time, in ms, that is saved up for later scrapes. */
const MAX_SAVED_MS = 20;

/**
 * Open files and sockets of groups. Counting reads every descriptor of every process. New groups are therefore counted
 * at once and the others in turns; in between they show their last count.
 */
export class OpenFiles {
  readonly #clock: Clock;
  #counted = new Map<string, Counted>();
  #turn = 0;
  #savedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns the counts by path. Groups whose processes cannot be read are omitted. */
  look(proc: FileTree, groups: readonly CountedGroup[]): ReadonlyMap<string, OpenFileCount> {
    const turn = ++this.#turn;
    const before = this.#counted;
    const known = (group: CountedGroup): Counted | undefined => {
      const counted = before.get(group.path);
      return counted?.inode === group.inode ? counted : undefined;
    };
    const count = (group: CountedGroup): Counted => ({
      inode: group.inode,
      turn,
      count: countFiles(proc, group.pids),
    });
    this.#counted = new Map(groups.map((group) => [group.path, known(group) ?? count(group)]));
    this.#savedMs = Math.min(MAX_SAVED_MS, this.#savedMs + BUDGET_MS);
    const waiting = groups.filter((group) => this.#counted.get(group.path)!.turn < turn);
    for (const group of waiting.toSorted((a, b) => before.get(a.path)!.turn - before.get(b.path)!.turn)) {
      if (this.#savedMs <= 0) break;
      const began = this.#clock.monotonic();
      this.#counted.set(group.path, count(group));
      this.#savedMs -= this.#clock.monotonic() - began;
    }
    return new Map([...this.#counted].flatMap(([path, { count: files }]) => (files ? [[path, files] as const] : [])));
  }
}

function countFiles(proc: FileTree, pids: readonly string[]): OpenFileCount | undefined {
  let descriptors = 0;
  let sockets = 0;
  let readable = 0;
  for (const pid of pids) {
    const folder = proc.path(`${pid}/fd`);
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch {
      continue; // ended, or somebody else's
    }
    readable++;
    descriptors += names.length;
    for (const name of names) if (isSocket(`${folder}/${name}`)) sockets++;
  }
  return readable === 0 && pids.length > 0 ? undefined : { descriptors, sockets };
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith("socket");
  } catch {
    return false; // closed meanwhile
  }
}
