import { createHash, type Hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { invariant, type Logger, seededRandom } from "@narthex/runtime";
import { type LogLine, ManualClock, memoryLogger } from "@narthex/runtime/testing";
import type { Files } from "../files.ts";
import type { JobThread } from "../job-thread.ts";
import { difference } from "./copied-blocks.ts";
import type { Contents } from "./reference-model.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { simulatedThreads } from "./simulated-thread.ts";
import { isSystemError, systemError } from "./system-error.ts";

export const DATA_DIR = "/data";

/** Free space of a full disk in bytes: none, or enough for a part of what the step writes. */
const ROOMS = [0, 100, 5000];

/** The event that interrupts a step. A step is a call that changes or syncs files. */
export type Interruption = "kill" | "power cut" | "full disk" | "refusal" | "end of the thread";

/** Parameters for a process that opens the data folder. */
export interface Start {
  readonly files: Files;
  readonly clock: ManualClock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly compactionThread: () => JobThread;
  readonly storageThread: () => JobThread;
}

interface Storage {
  close(): Promise<void>;
}

const isCrash = (interruption: Interruption): boolean => interruption === "kill" || interruption === "power cut";

/** Work on a data folder. The test interrupts each step of the work once. */
export interface Scenario<S extends Storage> {
  readonly open: (start: Start) => Promise<S>;
  /** Opens the storage that fills the folder; by default `open`. */
  readonly openToPrepare?: (start: Start) => Promise<S>;
  readonly contentsOf: (storage: S) => Promise<Contents>;
  /** Fills the folder before the work. The test closes the storage afterwards. */
  readonly prepare: (storage: S) => Promise<void>;
  /** Changes the folder after the storage was closed, for example by damaging a file. */
  readonly damage?: (disk: SimulatedDisk) => void;
  readonly work: (opened: Opened<S>) => Promise<void>;
  /** Whether some steps of the work run on a thread. */
  readonly usesThread?: boolean;
  /**
   * Whether work that the disk refuses must be done completely or not at all. If the process ends, a part of the work
   * may be done.
   */
  readonly isAtomicIfRefused?: boolean;
  /** Returns further results that must be equal to those of the uninterrupted run. */
  readonly outcome?: (opened: Opened<S>) => unknown;
}

/** A storage that is open on the simulated disk. */
export interface Opened<S extends Storage> {
  readonly db: S;
  readonly files: Files;
  readonly clock: ManualClock;
  readonly lines: readonly LogLine[];
}

/** Random parameters of power cuts: the seed, and the number of `powerCuts` that are tried at each step. */
export interface Draws {
  readonly seed: number;
  readonly powerCuts: number;
}

/**
 * Runs a scenario once without an interruption, and then once for each of its steps, with an interruption at this step.
 * Steps are counted from the opening of the folder. A kill or a power cut is also tried after the last step, when the
 * work is acknowledged. The end of a thread can interrupt only the steps of this thread.
 *
 * After an interruption, and in half of the runs after a further start, the storage must have exactly the samples that
 * the work keeps. Acknowledged work must be complete. The work is then repeated: its result must equal that of the
 * uninterrupted run, even after another start, and no unfinished file may remain. Crashes that leave the same files
 * have the same consequences and are checked once.
 *
 * Returns the number of interrupted steps. Throws with the step that broke a promise.
 */
export async function surviveEveryStep<S extends Storage>(
  scenario: Scenario<S>,
  interruption: Interruption,
  { seed, powerCuts }: Draws,
): Promise<number> {
  const prepared = await preparedDisk(scenario);
  const undisturbed = await runUndisturbed(scenario, prepared);
  const { steps } = undisturbed;
  const checked = new Set<string>();
  for (const step of stepsToInterrupt(undisturbed, interruption)) {
    for (let draw = 0; draw < (interruption === "power cut" ? powerCuts : 1); draw++) {
      const disk = prepared.copy(seededRandom(seed + step * powerCuts + draw));
      disk.losesAnyNames = draw % 2 === 1;
      const run = new InterruptedRun(scenario, disk, undisturbed, checked);
      try {
        // oxlint-disable-next-line no-await-in-loop -- an error must name its step
        await run.interrupt(step, interruption);
      } catch (cause) {
        const where = `${interruption} ${draw} at step ${step} of ${steps}`;
        throw new Error(`${where}: ${String(cause)}\n${run.trace()}`, { cause });
      }
    }
  }
  return interruption === "end of the thread" ? undisturbed.threadSteps.length : steps;
}

function stepsToInterrupt({ steps, threadSteps }: Undisturbed, interruption: Interruption): readonly number[] {
  if (interruption === "end of the thread") return threadSteps;
  return Array.from({ length: isCrash(interruption) ? steps + 1 : steps }, (_, i) => i + 1);
}

async function preparedDisk<S extends Storage>(scenario: Scenario<S>): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk(seededRandom(0));
  disk.mount().makeFolder(DATA_DIR);
  const { db } = await openOn(disk, scenario.openToPrepare ?? scenario.open, 0);
  await scenario.prepare(db);
  await db.close();
  scenario.damage?.(disk);
  return disk;
}

interface Undisturbed {
  readonly before: Contents;
  readonly after: Contents;
  readonly outcome: string;
  readonly steps: number;
  /** Numbers of the steps that run on a thread. */
  readonly threadSteps: readonly number[];
}

const outcomeOf = async <S extends Storage>({ outcome }: Scenario<S>, opened: Opened<S>): Promise<string> =>
  JSON.stringify(await outcome?.(opened)) ?? "";

async function runUndisturbed<S extends Storage>(scenario: Scenario<S>, prepared: SimulatedDisk): Promise<Undisturbed> {
  const disk = prepared.copy(seededRandom(0));
  let steps = 0;
  const threadSteps: number[] = [];
  disk.onChange = (endThread) => {
    steps++;
    if (endThread !== undefined) threadSteps.push(steps);
  };
  const opened = await openOn(disk, scenario.open, 1);
  const { db } = opened;
  const before = await scenario.contentsOf(db);
  await scenario.work(opened);
  disk.onChange = undefined;
  const after = await scenario.contentsOf(db);
  const outcome = await outcomeOf(scenario, opened);
  await db.close();
  invariant(threadSteps.length > 0 === (scenario.usesThread ?? false), "the scenario says whether it uses a thread");
  return { before, after, outcome, steps, threadSteps };
}

/**
 * @param opening number of earlier openings in a run; it makes names of blocks differ, which contain a constant time
 * and random numbers
 */
async function openOn<S extends Storage>(
  disk: SimulatedDisk,
  open: Scenario<S>["open"],
  opening: number,
): Promise<Opened<S>> {
  const logger = memoryLogger();
  const clock = new ManualClock();
  const files = disk.mount();
  const db = await open({ clock, logger, files, random: seededRandom(opening), ...simulatedThreads(disk) });
  return { db, files, clock, lines: logger.lines };
}

/** Whether the interruption has happened. */
interface InterruptionState {
  hasHappened: boolean;
  readonly ended: Promise<"ended">;
}

interface WorkResult<S extends Storage> {
  readonly opened: Opened<S> | undefined;
  readonly isDone: boolean;
}

/** A run of a scenario that is interrupted at one step. */
class InterruptedRun<S extends Storage> {
  readonly #scenario: Scenario<S>;
  readonly #disk: SimulatedDisk;
  readonly #undisturbed: Undisturbed;
  readonly #checked: Set<string>;
  readonly #notes: string[] = [];
  #openings = 1;
  #isAtomic = false;

  /** @param checked digests of what earlier crashes left; a crash that leaves the same is not checked again */
  constructor(scenario: Scenario<S>, disk: SimulatedDisk, undisturbed: Undisturbed, checked: Set<string>) {
    this.#scenario = scenario;
    this.#disk = disk;
    this.#undisturbed = undisturbed;
    this.#checked = checked;
  }

  trace(): string {
    return this.#notes.join("\n");
  }

  async interrupt(step: number, interruption: Interruption): Promise<void> {
    this.#isAtomic = this.#scenario.isAtomicIfRefused === true && !isCrash(interruption);
    const state = this.#at(step, interruption);
    const { opened: stillOpen, isDone } = await this.#runWork(state.ended);
    this.#disk.onChange = undefined;
    this.#disk.faults.heal();
    const isAfterAll = step > this.#undisturbed.steps;
    if (!isAfterAll && !state.hasHappened) throw new Error("the step was not reached");
    if (isAfterAll) this.#disk.kill();
    if (interruption === "power cut") this.#disk.powerCut();
    if (isCrash(interruption) && !this.#isNew(isDone)) return;
    const opened = await this.#reopened(isAfterAll ? undefined : stillOpen, step);
    await this.#check(opened, isDone ? "acknowledged" : "between");
    await this.#scenario.work(opened);
    await this.#check(opened, "after");
    await opened.db.close();
    const again = await this.#open();
    await this.#check(again, "after");
    await again.db.close();
    const drafts = draftsIn(DATA_DIR, this.#disk.readerFiles());
    if (drafts.length > 0) throw new Error(`drafts remain: ${drafts.join(" ")}`);
  }

  /** Returns whether this crash left other files than all earlier crashes. */
  #isNew(isDone: boolean): boolean {
    const hash = createHash("sha256").update(String(isDone));
    addFolder("/", this.#disk, hash);
    const { size } = this.#checked;
    return this.#checked.add(hash.digest("hex")).size > size;
  }

  /**
   * Returns the database that continues after the interruption. At odd steps, closes a database that is still open and
   * opens it again.
   */
  async #reopened(opened: Opened<S> | undefined, step: number): Promise<Opened<S>> {
    if (opened !== undefined && step % 2 === 0) return opened;
    await opened?.db.close().catch(() => undefined);
    this.#disk.kill();
    return this.#open();
  }

  /** Prepares the interruption of a step. `ended` resolves when the interruption has ended the process. */
  #at(step: number, interruption: Interruption): InterruptionState {
    const ended = Promise.withResolvers<"ended">();
    const state = { hasHappened: false, ended: ended.promise };
    let left = step;
    this.#disk.onChange = (endThread) => {
      if (--left !== 0) return;
      state.hasHappened = true;
      if (interruption === "end of the thread") endThread?.();
      else if (interruption === "full disk") this.#disk.faults.room = ROOMS[step % ROOMS.length]!;
      else if (interruption === "refusal") throw systemError("EIO", "the step was refused");
      else {
        this.#disk.kill();
        ended.resolve("ended");
      }
    };
    return state;
  }

  /** Opens the folder and does the work. Returns the database if its process is still running. */
  async #runWork(ended: Promise<"ended">): Promise<WorkResult<S>> {
    let opened: Opened<S> | undefined;
    const work = async (): Promise<WorkResult<S>> => {
      try {
        opened = await openOn(this.#disk, this.#scenario.open, this.#openings++);
        await this.#scenario.work(opened);
        return { opened, isDone: true };
      } catch (cause) {
        this.#notes.push(`interrupted: ${String(cause)}`);
        if (!isSystemError(cause)) throw cause;
        return { opened, isDone: false };
      }
    };
    const result = await Promise.race([work(), ended]);
    this.#notes.push(...(opened?.lines.map(({ message }) => message) ?? []));
    if (result !== "ended") return result;
    // Lets pending calls of the ended process finish, without an effect on the disk.
    await setImmediate();
    return { opened: undefined, isDone: false };
  }

  async #open(): Promise<Opened<S>> {
    const opened = await openOn(this.#disk, this.#scenario.open, this.#openings++);
    this.#notes.push("opened again", ...opened.lines.map(({ message }) => message));
    return opened;
  }

  /**
   * Compares the samples with those of the uninterrupted run. With "after" (the work was repeated), also compares the
   * scenario's further results.
   */
  async #check(opened: Opened<S>, when: "between" | "acknowledged" | "after"): Promise<void> {
    const found = await this.#scenario.contentsOf(opened.db);
    const { before, after, outcome } = this.#undisturbed;
    const earlier = when === "between" ? before : after;
    const wrong = this.#isAtomic ? neither(earlier, after, found) : unexplained(earlier, after, found);
    if (wrong !== undefined) throw new Error(`${when}: ${wrong}`);
    if (when !== "after") return;
    const own = await outcomeOf(this.#scenario, opened);
    if (own !== outcome) throw new Error(`the outcome is ${own} instead of ${outcome}`);
  }
}

/** Adds the names and contents in a folder and its subfolders to a digest. */
function addFolder(folder: string, disk: SimulatedDisk, hash: Hash): void {
  for (const name of disk.readerFiles().list(folder).toSorted()) {
    const path = `${folder}/${name}`;
    const bytes = disk.bytesOf(path);
    hash.update(`${path} ${bytes?.length}\n`);
    if (bytes === undefined) addFolder(path, disk, hash);
    else hash.update(bytes);
  }
}

/** Returns the paths of unfinished files in a folder and its subfolders. */
function draftsIn(folder: string, files: Files): string[] {
  return files.list(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    return name.includes("tmp") ? [path] : files.stat(path).isFolder ? draftsIn(path, files) : [];
  });
}

/** Returns the difference between `found` and the later contents, unless `found` equals the earlier contents. */
const neither = (earlier: Contents, later: Contents, found: Contents): string | undefined =>
  difference(earlier, found) && difference(later, found);

/**
 * Returns a sample that neither run explains: a sample that both contents have and `found` does not, or a sample that
 * only `found` has.
 */
function unexplained(before: Contents, after: Contents, found: Contents): string | undefined {
  for (const series of new Set([...before.keys(), ...after.keys(), ...found.keys()])) {
    const [old, kept, there] = [before.get(series), after.get(series), found.get(series)];
    for (const time of new Set([...(old?.keys() ?? []), ...(kept?.keys() ?? []), ...(there?.keys() ?? [])])) {
      const value = there?.get(time);
      if (value !== old?.get(time) && value !== kept?.get(time))
        return `${series} at ${time} is ${value ?? "not there"}, before ${old?.get(time)}, after ${kept?.get(time)}`;
    }
  }
  return undefined;
}
