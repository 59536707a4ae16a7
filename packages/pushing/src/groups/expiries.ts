import type { Clock } from "@narthex/runtime";

interface Expiry {
  readonly atMs: number;
  readonly key: string;
}

/** Time in ms until the removal of an expired group is tried again after a failure. */
const RETRY_MS = 5_000;
/** Maximum time in ms until a change of the system clock is noticed. Timers do not notice it. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Calls a function when the time of a key has come. If a key is postponed, the call still comes at the earlier time,
 * and the key must then be added again. A group that is pushed every second therefore has only one waiting time.
 */
export class Expiries {
  readonly #clock: Clock;
  readonly #expired: (key: string) => void;
  /** Binary heap of the waiting times, whose first element is the earliest. */
  readonly #heap: Expiry[] = [];
  /** Earliest waiting time of each key. */
  readonly #next = new Map<string, number>();
  #armed: { readonly atMs: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, expired: (key: string) => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  add(key: string, atMs: number): void {
    if ((this.#next.get(key) ?? Infinity) <= atMs) return;
    this.#next.set(key, atMs);
    const heap = this.#heap;
    let at = heap.push({ key, atMs }) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && heap[parent]!.atMs > heap[at]!.atMs; parent = (at - 1) >> 1) {
      this.#swap(at, parent);
      at = parent;
    }
    this.#arm();
  }

  /** Number of expiry times for which the timer waits. */
  get size(): number {
    return this.#heap.length;
  }

  retry(key: string): void {
    this.add(key, this.#clock.now() + RETRY_MS);
  }

  stop(): void {
    this.#armed?.cancel();
    this.#armed = undefined;
    this.#heap.length = 0;
    this.#next.clear();
  }

  #arm(): void {
    const next = this.#heap[0];
    if (next === undefined || (this.#armed !== undefined && this.#armed.atMs <= next.atMs)) return;
    this.#armed?.cancel();
    const nowMs = this.#clock.now();
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(0, next.atMs - nowMs));
    const cancel = this.#clock.after(waitMs, () => this.#due());
    this.#armed = { atMs: nowMs + waitMs, cancel };
  }

  #due(): void {
    this.#armed = undefined;
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= this.#clock.now(); next = this.#heap[0]) {
      this.#takeFirst();
      if (this.#next.get(next.key) === next.atMs) this.#next.delete(next.key);
      this.#expired(next.key);
    }
    this.#arm();
  }

  #takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && heap[child]!.atMs < heap[least]!.atMs) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }
}
