import { logOnChange, type Logger, type StateLog } from "@narthex/runtime";
import type { GroupChange, GroupPersistence } from "./group-persistence.ts";

/** Changes waiting for their turn; beyond this the gateway calls itself unhealthy, as upstream's queue of this length. */
const FULL_QUEUE = 1000;

/** Tells of a change that was made in memory, and how to take it back. */
export type Write = (change: GroupChange, undo: () => void) => void;

interface Waiting {
  /** Makes the change; whatever it resolves with is given out once the change is on disk. */
  readonly run: (write: Write) => () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Changes in the order in which they were asked for. With persistence all that wait are made together, go to disk
 * together, and share its sync; where that fails they are taken back together, and no one has seen them.
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

  /** Resolves with what `run` returns once its changes are on disk. Rejects with the persistence's error, all undone. */
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

  /** What `look` finds between two writes, when all that is there is on disk. Its turn comes even if pushes never end. */
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

  /** Why the last write failed, if one fails still. */
  async problem(): Promise<string | undefined> {
    if (this.#problem === undefined || this.#persistence === undefined) return undefined;
    await this.read(() => undefined);
    await this.#save(this.#persistence.probe());
    return this.#problem;
  }

  async #writeAll(persistence: GroupPersistence): Promise<void> {
    // Who asks in this turn of the event loop joins.
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
        // One that cannot be made takes no other with it.
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

  /** The error of a write, undefined if it went well; what it says about the disk is remembered. */
  async #save(writing: Promise<void>): Promise<Error | undefined> {
    try {
      await writing;
      this.#problem = undefined;
      this.#log.worked();
      return undefined;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#problem = failure.message;
      this.#log.failed(failure.message);
      return failure;
    }
  }
}
