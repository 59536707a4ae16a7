import type { WaitReason, WaitRecorder } from "@narthex/storage";

/** Waits of tasks that are done at once as those of one: it waits while none of them works. */
export class ConcurrentWaits {
  readonly #of: WaitRecorder;
  #working: number;
  /** Tasks that wait for their turn. */
  #turns = 0;
  #end: (() => void) | undefined;

  /** @param tasks how many there are; all of them work */
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

  /** Awaits a task, which is done then: what is waited for from there on are the others. */
  async done<T>(task: Promise<T>): Promise<T> {
    try {
      return await task;
    } finally {
      this.#pause();
    }
  }

  /** All tasks are done. */
  close(): void {
    this.#end?.();
    this.#end = undefined;
  }

  #pause(): void {
    if (--this.#working > 0) return;
    // Whoever waits for its turn could go on: the thread is what it lacks.
    const reason: WaitReason = this.#turns > 0 ? "turn" : "server";
    this.#end = this.#of.begin(reason);
  }

  #resume(): void {
    this.#working++;
    this.close();
  }
}
