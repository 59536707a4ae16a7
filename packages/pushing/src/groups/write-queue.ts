import { logOnChange, type Logger, type StateLog } from "@narthex/runtime";
import type { GroupChange, GroupPersistence } from "./group-persistence.ts";

/** Number of waiting changes at which the gateway reports that it is unhealthy, the length of the original's queue. */
const FULL_QUEUE = 1000;

/** Reports a change that was made in memory, and how to undo it. */
export type Write = (change: GroupChange, undo: () => void) => void;

interface Waiting {
  /** Makes the change. The result is passed on after the change is on the disk. */
  readonly run: (write: Write) => () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Changes in the order of their requests. With persistence, all waiting changes are made together, written together,
 * and share one sync. If this fails, they are undone together before anyone has seen them.
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
   * Resolves with the result of `run` after its changes are on the disk. Rejects with the persistence's error after all
   * were undone.
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
   * Returns the result of `look` between two writes, when all data is on the disk. It is called even if pushes never
   * stop.
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

  /** Returns the reason why the last write failed, if writing still fails. */
  async problem(): Promise<string | undefined> {
    if (this.#problem === undefined || this.#persistence === undefined) return undefined;
    await this.read(() => undefined);
    await this.#save(this.#persistence.probe());
    return this.#problem;
  }

  async #writeAll(persistence: GroupPersistence): Promise<void> {
    // Requests of the same turn of the event loop are included.
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
        // A change that cannot be made does not affect the others.
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

  /** Returns the error of a write, or undefined. The state of the disk is remembered. */
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
