import { readdirSync, readlinkSync } from "node:fs";
import type { Clock, Steps } from "@narthex/runtime";
import type { FileTree } from "../host-files/host-files.ts";

/** Numbers of open files and sockets of one control group. */
export interface OpenFileCount {
  readonly descriptors: number;
  readonly sockets: number;
}

interface Counted {
  readonly inode: number;
  /** Number of the scrape in which the control group was last counted; 0 for never. */
  turn: number;
  /** The counts, or undefined if none of the processes can be read. */
  count: OpenFileCount | undefined;
  /** An unfinished count, which continues in a later scrape because it exceeded the time of its scrape. */
  begun: Steps<OpenFileCount | undefined> | undefined;
}

export interface CountedGroup {
  readonly path: string;
  readonly inode: number;
  readonly pids: readonly string[];
}

/** Average time in ms per scrape for recounting the files of known control groups. */
const BUDGET_MS = 4;
/** Longest unused time in ms that is saved for later scrapes. */
const MAX_SAVED_MS = 20;
/** Time in ms per scrape for control groups whose files were never counted. */
const NEW_MS = 200;

/** Number of descriptors that are read between two yields to the event loop. */
const STEP = 64;

/**
 * Counts open files and sockets of control groups. A count reads every descriptor of every process. New groups are
 * counted first, other groups in turns. A group that is not counted in a scrape shows its previous count. A count that
 * exceeds the time of a scrape continues in later scrapes.
 */
export class OpenFiles {
  readonly #clock: Clock;
  #counted = new Map<string, Counted>();
  #turn = 0;
  #savedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts and returns open files by control group path. Omits groups whose processes cannot be read or that were not
   * counted yet.
   */
  *looking(proc: FileTree, groups: readonly CountedGroup[]): Steps<ReadonlyMap<string, OpenFileCount>> {
    this.#turn++;
    const before = this.#counted;
    this.#counted = new Map(
      groups.map(({ path, inode }) => {
        const known = before.get(path);
        return [path, known?.inode === inode ? known : { inode, turn: 0, count: undefined, begun: undefined }];
      }),
    );
    this.#savedMs = Math.min(MAX_SAVED_MS, this.#savedMs + BUDGET_MS);
    let newMs = NEW_MS;
    const turnOf = ({ path }: CountedGroup): number => this.#counted.get(path)!.turn;
    for (const group of groups.toSorted((a, b) => turnOf(a) - turnOf(b))) {
      const counted = this.#counted.get(group.path)!;
      const isNew = counted.turn === 0;
      const left = isNew ? newMs : this.#savedMs;
      if (left <= 0) continue;
      const spent = yield* this.#counting(counted, proc, group.pids, left);
      if (isNew) newMs -= spent;
      else this.#savedMs -= spent;
    }
    return new Map([...this.#counted].flatMap(([path, { count: files }]) => (files ? [[path, files] as const] : [])));
  }

  /**
   * Counts the open files of one control group for at most `left` ms. Returns the time in ms spent on counting, without
   * the pauses between steps.
   */
  *#counting(counted: Counted, proc: FileTree, pids: readonly string[], left: number): Steps<number> {
    counted.begun ??= countingFiles(proc, pids);
    let spent = 0;
    while (spent < left) {
      const began = this.#clock.monotonic();
      const step = counted.begun.next();
      spent += this.#clock.monotonic() - began;
      if (step.done === true) {
        Object.assign(counted, { turn: this.#turn, count: step.value, begun: undefined });
        break;
      }
      yield;
    }
    return spent;
  }
}

function* countingFiles(proc: FileTree, pids: readonly string[]): Steps<OpenFileCount | undefined> {
  let descriptors = 0;
  let sockets = 0;
  let readable = 0;
  for (const [at, pid] of pids.entries()) {
    if (at > 0) yield;
    const folder = proc.path(`${pid}/fd`);
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch {
      // Skips a process that has ended, or that belongs to another user whose descriptors cannot be read.
      continue;
    }
    readable++;
    descriptors += names.length;
    for (const [i, name] of names.entries()) {
      if (i % STEP === STEP - 1) yield;
      if (isSocket(`${folder}/${name}`)) sockets++;
    }
  }
  return readable === 0 && pids.length > 0 ? undefined : { descriptors, sockets };
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith("socket");
  } catch {
    // Returns false because the descriptor was closed after it was listed, so it is not a socket.
    return false;
  }
}
