import { Mutex } from "@narthex/runtime";
import { refusal } from "../web/refusal.ts";

/** Maximum number of renderings that wait or run, of all accounts and of one account. */
const [MAX_WAITING, MAX_OF_ACCOUNT] = [20, 5];

/** Runs one rendering at a time, because each needs hundreds of MiB of memory. */
export class RenderQueue {
  readonly #mutex = new Mutex();
  readonly #ofAccount = new Map<number, number>();
  #waiting = 0;

  /** Number of renderings that wait or run. */
  get length(): number {
    return this.#waiting;
  }

  /**
   * Runs the rendering after earlier ones. Skips it if the signal is aborted while it waits. Rejects with a refusal if
   * too many renderings wait.
   */
  async run<T>(account: number, signal: AbortSignal, render: () => Promise<T>): Promise<T> {
    const own = this.#ofAccount.get(account) ?? 0;
    if (own >= MAX_OF_ACCOUNT || this.#waiting >= MAX_WAITING)
      throw refusal(429, "too many pictures are being rendered; try again later");
    this.#waiting++;
    this.#ofAccount.set(account, own + 1);
    try {
      return await this.#mutex.runExclusive(() => {
        signal.throwIfAborted();
        return render();
      });
    } finally {
      this.#waiting--;
      const left = (this.#ofAccount.get(account) ?? 1) - 1;
      if (left > 0) this.#ofAccount.set(account, left);
      else this.#ofAccount.delete(account);
    }
  }
}
