import type { WaitReason, WaitRecorder } from "@narthex/storage";

/** Combines the waits of concurrent tasks into one wait, which lasts while none of the tasks works. */
export class ConcurrentWaits {
  readonly #of: WaitRecorder;
  #working: number;
  /** Number of tasks that wait for their turn. */
  #turns = 0;
  #end: (() => void) | undefined;

  /** @param tasks number of tasks, all of which are working at the start */
  constructor(of: WaitRecorder, tasks: number) {
    this.#of = of;
    this.#working = tasks;
  }

  /** Records the waits of one task. All tasks use this recorder. */
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

  /** Awaits a task, which has then finished. Later waits concern only the other tasks. */
  async done<T>(task: Promise<T>): Promise<T> {
    try {
      return await task;
    } finally {
      this.#pause();
    }
  }

  /** Must be called when all tasks have finished. */
  close(): void {
    this.#end?.();
    this.#end = undefined;
  }

  #pause(): void {
    if (--this.#working > 0) return;
    // If a task waits for its turn, it could continue, so the thread is the reason for the wait.
    const reason: WaitReason = this.#turns > 0 ? "turn" : "server";
    this.#end = this.#of.begin(reason);
  }

  #resume(): void {
    this.#working++;
    this.close();
  }
}
