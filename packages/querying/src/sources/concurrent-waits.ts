import type { WaitReason, WaitRecorder } from "@narthex/storage";

/** Combines the waits of concurrent tasks into one: a wait lasts while none of the tasks works. */
export class ConcurrentWaits {
  readonly #of: WaitRecorder;
  #working: number;
  /** Number of tasks that wait for their turn. */
  #turns = 0;
  #end: (() => void) | undefined;

  /** @param tasks number of tasks, all of which are working */
  constructor(of: WaitRecorder, tasks: number) {
    this.#of = of;
    this.#working = tasks;
  }

  /** The recorder of a task. */
  readonly task: WaitRecorder = {
    begin: (reason) => {
      const change = reason === "turn" ? 1 : 0;
      this.#turns += change;
      this.#pause();
      return () => {
        this.#turns -= change;
        this.#resume();
      };
    },
  };

  /** Awaits a task, which is then finished. Later waits concern the other tasks only. */
  async done<T>(task: Promise<T>): Promise<T> {
    try {
      return await task;
    } finally {
      this.#pause();
    }
  }

  /** Call it when all tasks are finished. */
  close(): void {
    this.#end?.();
    this.#end = undefined;
  }

  #pause(): void {
    if (--this.#working > 0) return;
    // A task that waits for its turn could continue, so the thread is the reason for the wait.
    const reason: WaitReason = this.#turns > 0 ? "turn" : "server";
    this.#end = this.#of.begin(reason);
  }

  #resume(): void {
    this.#working++;
    this.close();
  }
}
