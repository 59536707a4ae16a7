import { type Clock, runInTimeSlices, type Steps } from "@narthex/runtime";

/** Time in ms that all collectors together use in one turn of the event loop. A single step may exceed it. */
const TURN_MS = 5;

/**
 * Limits how long the tasks of all collectors together run in one turn of the event loop. A time slice per task would
 * not limit a turn, because several tasks can begin or resume in the same turn.
 */
class Turns {
  readonly #clock: Clock;
  /** Time when the first task of this turn began; undefined while no task has run in this turn. */
  #began: number | undefined;
  /** Resolves when the last waiting task has resumed. */
  #resumed: Promise<void> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns undefined while this turn has time left; otherwise a promise that resolves in a later turn. */
  yieldToEventLoop(): Promise<void> | undefined {
    const now = this.#clock.monotonic();
    if (now - this.#beginning(now) < TURN_MS) return undefined;
    // Lets one waiting task resume in each turn, in the order in which the tasks began to wait.
    this.#resumed = this.#resumed.then(async () => {
      await this.#clock.sleep(0);
      this.#began = undefined;
      this.#beginning(this.#clock.monotonic());
    });
    return this.#resumed;
  }

  /** Returns the time when the first task of this turn began. Returns `now` if no task has run in this turn. */
  #beginning(now: number): number {
    if (this.#began === undefined) {
      this.#began = now;
      this.#clock.after(0, () => void (this.#began = undefined));
    }
    return this.#began;
  }
}

const TURNS = new WeakMap<Clock, Turns>();

/** Returns the turns of a clock, which all collectors of a process share. */
export function turnsOf(clock: Clock): Pick<Turns, "yieldToEventLoop"> {
  let turns = TURNS.get(clock);
  if (turns === undefined) TURNS.set(clock, (turns = new Turns(clock)));
  return turns;
}

/**
 * Runs a task, and yields when the time of the turn is used up. Returns the result directly if the task never yields.
 * The turn begins before the first step, so that the time of this step counts.
 */
export const runInTurns = <T>(clock: Clock, steps: Steps<T>): T | Promise<T> =>
  runInTimeSlices(clock, steps, turnsOf(clock));
