import type { Coordination, HeldLock } from "./coordination.ts";

/** A lock from the view of a delivery: other instances may have it during a pause, or after it was lost. */
export interface SharedLock {
  /** Is it certain that no other instance has it? */
  isHeld(): boolean;
  /** Aborted when that is no longer certain; undefined if there is no such signal. A new one after each reacquire(). */
  readonly lost: AbortSignal | undefined;
  /** Others may have it. */
  release(): void;
  /** Waits for the lock again; false when another instance has notified meanwhile. */
  reacquire(signal: AbortSignal): Promise<boolean>;
}

/** The lock of one entry of the notification log. Its holder decides by the log whether to notify, and notifies. */
export class NotificationLock {
  readonly #coordination: Coordination;
  readonly #key: string;
  #held: HeldLock | undefined;
  #releasing: Promise<void> = Promise.resolve();

  private constructor(coordination: Coordination, key: string) {
    this.#coordination = coordination;
    this.#key = key;
  }

  /** Waits for the lock. Rejects when the signal aborts. */
  static async acquire(coordination: Coordination, key: string, signal: AbortSignal): Promise<NotificationLock> {
    const lock = new NotificationLock(coordination, key);
    lock.#held = await coordination.acquire(key, signal);
    return lock;
  }

  /** The lock as a delivery sees it; undefined where instances do not release it between attempts. */
  shared(isNotified: () => boolean): SharedLock | undefined {
    if (this.#coordination.releasesBetweenAttempts !== true) return undefined;
    const lease = (): HeldLock["lease"] => this.#held?.lease;
    return {
      isHeld: () => lease()?.isHeld() ?? true,
      get lost() {
        return lease()?.lost;
      },
      release: () => void this.release(),
      reacquire: async (signal) => {
        await this.#releasing;
        this.#held = await this.#coordination.acquire(this.#key, signal);
        return !isNotified();
      },
    };
  }

  release(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#releasing = held.release();
    return this.#releasing;
  }
}
