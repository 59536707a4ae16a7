import { BinaryHeap } from "./binary-heap.ts";
import { type Clock, reasonOf } from "./clock.ts";

interface Alarm {
  readonly at: number;
  readonly order: number;
  /** Undefined after the alarm was cancelled. */
  run: (() => void) | undefined;
}

/** Number of cancelled alarms that the heap may contain in addition to as many alarms as are set. */
const MAX_CANCELLED = 1000;

/**
 * A clock whose time is advanced by its owner, from one alarm to the next, without waiting. Alarms are called in the
 * order of their times; alarms with the same time are called in the order in which they were set.
 */
export class SimulatedClock implements Clock {
  protected wall: number;
  #monotonic = 0;
  #order = 0;
  #alarms = newAlarms();
  #pending = 0;
  readonly #settle: () => Promise<void>;

  /**
   * @param start initial wall time, ms since 1970
   * @param settle resolves when the code that an alarm has started has ended or waits for another alarm. By default
   * this is after one turn of the event loop, which is enough for code that uses only promises.
   */
  constructor(start = 0, settle: () => Promise<void> = nextTurn) {
    this.wall = start;
    this.#settle = settle;
  }

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** Number of alarms that are set. */
  get pending(): number {
    return this.#pending;
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
    this.#pending++;
    return () => {
      if (alarm.run === undefined) return;
      alarm.run = undefined;
      this.#pending--;
      if (this.#alarms.size > 2 * this.#pending + MAX_CANCELLED) this.#removeCancelled();
    };
  }

  /**
   * Advances time by `ms`. Calls each alarm at its own time, and waits until the code of an alarm has finished before
   * it calls the next alarm. Rejects with the signal's reason if the signal aborts.
   */
  async advance(ms: number, signal?: AbortSignal): Promise<void> {
    const end = this.#monotonic + ms;
    await this.#settle();
    for (;;) {
      signal?.throwIfAborted();
      const next = this.#take(end);
      if (next === undefined) break;
      this.#moveTo(next.at);
      const { run } = next;
      next.run = undefined;
      this.#pending--;
      run!();
      await this.#settle();
    }
    this.#moveTo(end);
    await this.#settle();
  }

  /** Removes and returns the first alarm that is due at a time, or returns undefined. */
  #take(end: number): Alarm | undefined {
    for (;;) {
      const next = this.#alarms.peek();
      if (next === undefined || next.at > end) return undefined;
      this.#alarms.pop();
      if (next.run !== undefined) return next;
    }
  }

  #removeCancelled(): void {
    const left = newAlarms();
    for (let alarm = this.#alarms.pop(); alarm !== undefined; alarm = this.#alarms.pop())
      if (alarm.run !== undefined) left.push(alarm);
    this.#alarms = left;
  }

  #moveTo(at: number): void {
    this.wall += at - this.#monotonic;
    this.#monotonic = at;
  }
}

const newAlarms = (): BinaryHeap<Alarm> => new BinaryHeap((a, b) => a.at - b.at || a.order - b.order);

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
