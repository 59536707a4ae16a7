import { logOnChange, type Logger, type StateLog } from "@narthex/runtime";
import type { GroupChange, GroupPersistence } from "./group-persistence.ts";

/**
 * From this number of waiting changes on, the gateway reports that it is unhealthy. Pushgateway's queue has this
 * length.
 */
const FULL_QUEUE = 1000;

/**
 * Registers a change of a group that was made in memory and must be written to the disk. `undo` reverts the change in
 * memory.
 */
export type Write = (change: GroupChange, undo: () => void) => void;

interface Waiting {
  /**
   * Makes the change of a group in memory. Returns a function that answers the request; it is called when the change is
   * on the disk.
   */
  readonly run: (write: Write) => () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Processes requests that change groups, in their order. With persistence, the changes of all waiting requests are
 * written with one disk sync. If writing fails, all these changes are undone before any reader sees them.
 */
export class WriteQueue {
  readonly #persistence: GroupPersistence | undefined;
  readonly #log: StateLog;
  readonly #waiting: Waiting[] = [];
  readonly #readers: (() => void)[] = [];
  #writing: Promise<void> | undefined;
  #problem: string | undefined;

  constructor(persistence: GroupPersistence | undefined, logger: Logger) {
    this.#persistence = persistence;
    this.#log = logOnChange(logger, "Keeping pushed metrics");
  }

  get isFull(): boolean {
    return this.#waiting.length >= FULL_QUEUE;
  }

  /**
   * Calls `run`, which makes changes. Resolves with its result when the changes are on the disk. If writing fails,
   * undoes the changes and rejects with the error.
   */
  add<T>(run: (write: Write) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const made = (write: Write): (() => void) => {
        const result = run(write);
        return () => resolve(result);
      };
      if (this.#persistence === undefined) {
        made(() => undefined)();
        return;
      }
      this.#waiting.push({ run: made, reject });
      this.#writing ??= this.#writeAll(this.#persistence);
    });
  }

  /**
   * Calls `look` when all changes are on the disk, and returns its result. The call runs between two writes, so that a
   * continuous stream of pushes does not delay it.
   */
  read<T>(look: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const reader = (): void => {
        try {
          resolve(look());
        } catch (error) {
          reject(error);
        }
      };
      if (this.#writing === undefined) reader();
      else this.#readers.push(reader);
    });
  }

  /**
   * Returns the reason why writing fails, or undefined if it works. After a failed write, tests whether writing works
   * again.
   */
  async problem(): Promise<string | undefined> {
    if (this.#problem === undefined || this.#persistence === undefined) return undefined;
    await this.read(() => undefined);
    await this.#save(this.#persistence.probe());
    return this.#problem;
  }

  async #writeAll(persistence: GroupPersistence): Promise<void> {
    // Waits until the end of this turn of the event loop, so that the changes of all its requests are written together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      await this.#writeBatch(persistence, this.#waiting.splice(0));
      for (const reader of this.#readers.splice(0)) reader();
    }
    this.#writing = undefined;
  }

  async #writeBatch(persistence: GroupPersistence, batch: readonly Waiting[]): Promise<void> {
    const changes: GroupChange[] = [];
    const undos: (() => void)[] = [];
    const write: Write = (change, undo) => {
      changes.push(change);
      undos.push(undo);
    };
    const answers = batch.flatMap(({ run, reject }) => {
      const before = changes.length;
      try {
        return [run(write)];
      } catch (error) {
        // Undoes only the changes of the request that has failed. Changes of earlier requests remain.
        changes.length = before;
        for (const undo of undos.splice(before).toReversed()) undo();
        reject(error);
        return [];
      }
    });
    const error = changes.length === 0 ? undefined : await this.#save(persistence.save(changes));
    if (error === undefined) return answers.forEach((answer) => answer());
    for (const undo of undos.toReversed()) undo();
    for (const { reject } of batch) reject(error);
  }

  /** Waits for a write. Returns its error or undefined, and remembers whether the disk accepts writes. */
  async #save(writing: Promise<void>): Promise<Error | undefined> {
    try {
      await writing;
      this.#problem = undefined;
      this.#log.succeeded();
      return undefined;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#problem = failure.message;
      this.#log.failed(failure.message);
      return failure;
    }
  }
}
