import type { Clock } from "@narthex/runtime";

/** Maximum time, ms, for which due timers are run before the heap yields to the event loop. */
const SLICE_MS = 5;
/** Maximum time, ms, by which a timer may fire early, because the timers of the clock are in whole milliseconds. */
const EARLY_MS = 1;
const NOT_SET = -1;

/** A function with a due time. A timer is created once and can be set repeatedly. */
export class Timer {
  readonly fire: () => void;
  /** Due time in ms on the monotonic clock. The value is valid only while the timer is set. */
  due = 0;
  heapIndex = NOT_SET;

  constructor(fire: () => void) {
    this.fire = fire;
  }
}

/**
 * Runs thousands of timers with a binary heap and a single timer of the clock. A wait allocates no memory, whereas a
 * promise or a clock timer for each target would burden the garbage collector.
 */
export class TimerHeap {
  readonly #clock: Clock;
  /** Timers as a binary heap: no timer is due before its parent, whose index is half the timer's index. */
  readonly #heap: Timer[] = [];
  #cancelTimer: (() => void) | undefined;
  #timerDue = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Sets a timer to the due time `due`, in ms on the monotonic clock. A timer that is already set is moved to the new
   * time.
   */
  set(timer: Timer, due: number): void {
    if (timer.heapIndex === NOT_SET) {
      timer.due = due;
      timer.heapIndex = this.#heap.length;
      this.#heap.push(timer);
      this.#rise(timer);
    } else {
      timer.due = due;
      this.#rise(timer);
      this.#sink(timer);
    }
    this.#arm();
  }

  /** Cancels a timer. Has no effect on a timer that is not set. */
  cancel(timer: Timer): void {
    if (timer.heapIndex === NOT_SET) return;
    this.#remove(timer);
    this.#arm();
  }

  #arm(): void {
    const due = this.#heap[0]?.due ?? Infinity;
    if (due === this.#timerDue) return;
    // Does not move the clock's timer to a later time. If it fires before any timer is due, this is cheaper than
    // setting it again for each cancelled timer.
    if (due > this.#timerDue && due !== Infinity) return;
    this.#setTimer(due, Math.max(0, due - this.#clock.monotonic()));
  }

  #setTimer(due: number, delay: number): void {
    this.#cancelTimer?.();
    this.#timerDue = due;
    this.#cancelTimer = due === Infinity ? undefined : this.#clock.after(delay, () => this.#fire());
  }

  #fire(): void {
    const begun = this.#clock.monotonic();
    // Prevents that functions of timers set the clock's timer, because it is set once after they have run.
    this.#timerDue = -Infinity;
    this.#cancelTimer = undefined;
    let now = begun;
    try {
      for (let first = this.#heap[0]; first !== undefined && first.due <= now + EARLY_MS; first = this.#heap[0]) {
        this.#remove(first);
        first.fire();
        now = this.#clock.monotonic();
        if (now - begun > SLICE_MS) break;
      }
    } finally {
      const due = this.#heap[0]?.due ?? Infinity;
      this.#setTimer(due, Math.max(0, due - now));
    }
  }

  #remove(timer: Timer): void {
    const last = this.#heap.pop()!;
    if (last !== timer) {
      last.heapIndex = timer.heapIndex;
      this.#heap[last.heapIndex] = last;
      this.#rise(last);
      this.#sink(last);
    }
    timer.heapIndex = NOT_SET;
  }

  #rise(timer: Timer): void {
    const heap = this.#heap;
    let { heapIndex } = timer;
    while (heapIndex > 0) {
      const above = heap[(heapIndex - 1) >> 1]!;
      if (above.due <= timer.due) break;
      const to = (heapIndex - 1) >> 1;
      heap[heapIndex] = above;
      above.heapIndex = heapIndex;
      heapIndex = to;
    }
    heap[heapIndex] = timer;
    timer.heapIndex = heapIndex;
  }

  #sink(timer: Timer): void {
    const heap = this.#heap;
    let { heapIndex } = timer;
    for (;;) {
      let below = heapIndex * 2 + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]!.due < heap[below]!.due) below++;
      const earlier = heap[below]!;
      if (earlier.due >= timer.due) break;
      heap[heapIndex] = earlier;
      earlier.heapIndex = heapIndex;
      heapIndex = below;
    }
    heap[heapIndex] = timer;
    timer.heapIndex = heapIndex;
  }
}
