import type { WaitReason, WaitRecorder } from "@narthex/storage";

/** Combines the waiting times of concurrent tasks into one. Time counts as waiting only while all of the tasks wait. */
export class ConcurrentWaits {
  readonly #of: WaitRecorder;
  #working: number;
  /** Number of tasks that wait for a turn on the thread. The other waiting tasks wait for a server. */
  #turns = 0;
  #end: (() => void) | undefined;

  /** @param tasks number of tasks, which all run at the start */
  constructor(of: WaitRecorder, tasks: number) {
    this.#of = of;
    this.#working = tasks;
  }

  /** Recorder with which each task reports its waits. */
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

  /** Awaits the end of a task. Afterwards only the other tasks count. */
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
    // The reason of a common wait is the thread if any task waits for its turn, because that task could continue.
    // Otherwise the reason is the server.
    const reason: WaitReason = this.#turns > 0 ? "turn" : "server";
    this.#end = this.#of.begin(reason);
  }

  #resume(): void {
    this.#working++;
    this.close();
  }
}
