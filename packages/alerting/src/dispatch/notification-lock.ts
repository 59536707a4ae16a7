import type { Coordination, HeldLock } from "./coordination.ts";

/** A lock that a delivery can release between attempts, so that other instances may notify in this time. */
export interface SharedLock {
  /** Reports whether this instance certainly holds the lock alone. */
  isHeld(): boolean;
  /**
   * Signal that aborts when another instance may hold the lock; undefined if there is no such signal. Each reacquire()
   * creates a new signal.
   */
  readonly lost: AbortSignal | undefined;
  /** Releases the lock, so that other instances may hold it. */
  release(): void;
  /** Waits until this instance has the lock again. Resolves with false if another instance has notified in between. */
  reacquire(signal: AbortSignal): Promise<boolean>;
}

/**
 * Lock of one entry of the notification log. The holder of the lock reads the log to decide whether to notify, and then
 * notifies.
 */
export class NotificationLock {
  readonly #coordination: Coordination;
  readonly #key: string;
  #held: HeldLock | undefined;
  #releasing: Promise<void> = Promise.resolve();

  private constructor(coordination: Coordination, key: string) {
    this.#coordination = coordination;
    this.#key = key;
  }

  /** Waits until this instance has the lock. Rejects if the signal aborts. */
  static async acquire(coordination: Coordination, key: string, signal: AbortSignal): Promise<NotificationLock> {
    const lock = new NotificationLock(coordination, key);
    lock.#held = await coordination.acquire(key, signal);
    return lock;
  }

  /**
   * Returns a lock that a delivery can release between attempts; undefined if the coordination does not release locks
   * between attempts.
   */
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
