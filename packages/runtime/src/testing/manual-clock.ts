import { type Clock, reasonOf } from "../clock.ts";

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * A clock that advances only when the test advances it. Alarms are called in the order of their times; alarms with the
 * same time are called in the order in which they were set.
 */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  #order = 0;
  #alarms: Alarm[] = [];

  /** @param start initial wall time, ms since 1970 */
  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** Number of alarms that are still set. */
  get pending(): number {
    return this.#alarms.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const cancel = this.after(ms, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      const onAbort = (): void => {
        cancel();
        reject(reasonOf(signal!));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  after(ms: number, run: () => void): () => void {
    const alarm: Alarm = { at: this.#monotonic + Math.max(0, ms), order: this.#order++, run };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /**
   * Advances time by `ms`. Calls each alarm at its own time, and waits until the code of an alarm has finished before
   * it calls the next alarm.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (;;) {
      const next = this.#next(end);
      if (next === undefined) break;
      this.#moveTo(next.at);
      this.#alarms = this.#alarms.filter((other) => other !== next);
      next.run();
      await settle();
    }
    this.#moveTo(end);
    await settle();
  }

  /** Sets the wall clock as an operator would. The delays of alarms do not change. */
  setWall(now: number): void {
    this.#now = now;
  }

  #next(end: number): Alarm | undefined {
    let best: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.at > end) continue;
      if (best === undefined || alarm.at < best.at || (alarm.at === best.at && alarm.order < best.order)) best = alarm;
    }
    return best;
  }

  #moveTo(at: number): void {
    this.#now += at - this.#monotonic;
    this.#monotonic = at;
  }
}

/** Runs the waiting callbacks of promises and of completed I/O. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
