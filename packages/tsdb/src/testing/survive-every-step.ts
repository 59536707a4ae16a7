import { setImmediate } from "node:timers/promises";
import { seededRandom } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openTsdb } from "../open-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";
import { contentsOf } from "./contents.ts";
import type { Contents } from "./reference-model.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { isSystemError, systemError } from "./system-error.ts";

export const DATA_DIR = "/data";
let openings = 1;

/** What happens at one step, a call that changes or syncs something. */
export type Interruption = "kill" | "power cut" | "full disk" | "refusal";

/** Work on a data folder of which every step is interrupted once. */
export interface Scenario {
  readonly options?: Partial<TsdbOptions>;
  /** Those of the database that fills the folder; default the same. */
  readonly prepareOptions?: Partial<TsdbOptions>;
  /** Fills the folder. The database is closed afterwards. */
  readonly prepare: (db: Tsdb) => Promise<void>;
  /** Changes the closed folder. */
  readonly damage?: (disk: SimulatedDisk) => void;
  readonly work: (opened: Opened) => Promise<void>;
  /** What must be the same in the end, beside the samples. */
  readonly outcome?: (db: Tsdb) => unknown;
}

/** A database that is open on the simulated disk. */
export interface Opened {
  readonly db: Tsdb;
  readonly clock: ManualClock;
  readonly lines: readonly { readonly message: string }[];
}

/** What a power cut loses is drawn: by this seed, so many times at each step. */
export interface Draws {
  readonly seed: number;
  readonly powerCuts: number;
}

/**
 * Runs a scenario once undisturbed and then once for each of its steps, from the opening of the folder on, with an
 * interruption at that step. Afterwards, and after a start, every sample must be there that the work keeps, and no other
 * than those before; when the work is done again, the result must be that of the undisturbed run, also after another start,
 * and no draft may be left. Returns the number of steps. Throws with the step that broke a promise.
 */
export async function surviveEveryStep(
  scenario: Scenario,
  interruption: Interruption,
  { seed, powerCuts }: Draws,
): Promise<number> {
  const prepared = await preparedDisk(scenario);
  const undisturbed = await runUndisturbed(scenario, prepared);
  const { steps } = undisturbed;
  for (let step = 1; step <= steps; step++) {
    for (let draw = 0; draw < (interruption === "power cut" ? powerCuts : 1); draw++) {
      const disk = prepared.copy(seededRandom(seed + step * powerCuts + draw));
      disk.losesAnyNames = draw % 2 === 1;
      const run = new InterruptedRun(scenario, disk, undisturbed);
      try {
        // oxlint-disable-next-line no-await-in-loop -- one step at a time is blamed
        await run.interrupt(step, interruption);
      } catch (cause) {
        const where = `${interruption} ${draw} at step ${step} of ${steps}`;
        throw new Error(`${where}: ${String(cause)}\n${run.trace()}`, { cause });
      }
    }
  }
  return steps;
}

async function preparedDisk(scenario: Scenario): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk(seededRandom(0));
  disk.mount().makeFolder(DATA_DIR);
  const { db } = await openOn(disk, scenario.prepareOptions ?? scenario.options);
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
}

const outcomeOf = ({ outcome }: Scenario, db: Tsdb): string => JSON.stringify(outcome?.(db)) ?? "";

async function runUndisturbed(scenario: Scenario, prepared: SimulatedDisk): Promise<Undisturbed> {
  const disk = prepared.copy(seededRandom(0));
  let steps = 0;
  disk.onChange = () => steps++;
  const opened = await openOn(disk, scenario.options);
  const { db } = opened;
  const before = await contentsOf(db.queryable);
  await scenario.work(opened);
  disk.onChange = undefined;
  const after = await contentsOf(db.queryable);
  const outcome = outcomeOf(scenario, db);
  await db.close();
  return { before, after, outcome, steps };
}

async function openOn(disk: SimulatedDisk, options: Scenario["options"]): Promise<Opened> {
  const logger = memoryLogger();
  const clock = new ManualClock();
  const db = await openTsdb(DATA_DIR, {
    clock,
    logger,
    files: disk.mount(),
    // Names of blocks hold the time, which is always the same here, and these numbers.
    random: seededRandom(openings++),
    lockFile: false,
    retentionMs: 0,
    ...options,
  });
  return { db, clock, lines: logger.lines };
}

/** A run of a scenario that is interrupted at one step. */
class InterruptedRun {
  readonly #scenario: Scenario;
  readonly #disk: SimulatedDisk;
  readonly #undisturbed: Undisturbed;
  readonly #notes: string[] = [];

  constructor(scenario: Scenario, disk: SimulatedDisk, undisturbed: Undisturbed) {
    this.#scenario = scenario;
    this.#disk = disk;
    this.#undisturbed = undisturbed;
  }

  trace(): string {
    return this.#notes.join("\n");
  }

  async interrupt(step: number, interruption: Interruption): Promise<void> {
    const ended = this.#at(step, interruption);
    let opened = await this.#worked(ended);
    this.#disk.onChange = undefined;
    this.#disk.faults.heal();
    if (interruption === "power cut") this.#disk.powerCut();
    opened ??= await this.#open();
    await this.#check(opened, "between");
    await this.#scenario.work(opened);
    await this.#check(opened, "after");
    await opened.db.close();
    const again = await this.#open();
    await this.#check(again, "after");
    await again.db.close();
    const left = this.#disk
      .beside()
      .list(DATA_DIR)
      .filter((name) => name.includes("tmp"));
    if (left.length > 0) throw new Error(`drafts are left: ${left.join(" ")}`);
  }

  /** Arms the interruption; resolves when a process has ended by it. */
  #at(step: number, interruption: Interruption): Promise<"ended"> {
    const ended = Promise.withResolvers<"ended">();
    let left = step;
    this.#disk.onChange = () => {
      if (--left !== 0) return;
      if (interruption === "full disk") this.#disk.faults.room = 0;
      else if (interruption === "refusal") throw systemError("EIO", "the step was refused");
      else {
        this.#disk.kill();
        ended.resolve("ended");
      }
    };
    return ended.promise;
  }

  /** Opens the folder and does the work; returns the database if its process is still there. */
  async #worked(ended: Promise<"ended">): Promise<Opened | undefined> {
    let opened: Opened | undefined;
    const work = async (): Promise<Opened | undefined> => {
      try {
        opened = await openOn(this.#disk, this.#scenario.options);
        await this.#scenario.work(opened);
      } catch (cause) {
        this.#notes.push(`interrupted: ${String(cause)}`);
        if (!isSystemError(cause)) throw cause;
      }
      return opened;
    };
    const result = await Promise.race([work(), ended]);
    this.#notes.push(...(opened?.lines.map(({ message }) => message) ?? []));
    if (result !== "ended") return result;
    // What the dead process was about to do has no effect any more.
    await setImmediate();
    return undefined;
  }

  async #open(): Promise<Opened> {
    const opened = await openOn(this.#disk, this.#scenario.options);
    this.#notes.push("opened again", ...opened.lines.map(({ message }) => message));
    return opened;
  }

  async #check({ db }: Opened, when: "between" | "after"): Promise<void> {
    const found = await contentsOf(db.queryable);
    const { before, after, outcome } = this.#undisturbed;
    const wrong = unexplained(when === "after" ? after : before, after, found);
    if (wrong !== undefined) throw new Error(`${when}: ${wrong}`);
    const own = outcomeOf(this.#scenario, db);
    if (when === "after" && own !== outcome) throw new Error(`the outcome is ${own} instead of ${outcome}`);
  }
}

/** A sample that neither run explains: one that both have and this one lacks, or one that neither has. */
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
