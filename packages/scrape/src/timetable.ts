import type { Clock } from "@narthex/runtime";

/** How long alarms ring in a row before other work has its turn. */
const TURN_MS = 5;
/** Timers of whole milliseconds ring up to one too early. */
const EARLY_MS = 1;
const NOWHERE = -1;

/** Something to be done at a time; set again and again, made once. */
export class Alarm {
  readonly ring: () => void;
  /** Monotonic ms; of an alarm that is set. */
  due = 0;
  /** Place in the timetable's heap. */
  place = NOWHERE;

  constructor(ring: () => void) {
    this.ring = ring;
  }
}

/**
 * Rings thousands of alarms by one timer of the clock. A wait leaves nothing behind on the heap: a promise and a timer for
 * each target would outlive several collections every time.
 */
export class Timetable {
  readonly #clock: Clock;
  /** A binary heap: no alarm is due before the one at half its index. */
  readonly #heap: Alarm[] = [];
  #cancelTimer: (() => void) | undefined;
  #timerDue = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rings the alarm at `due`, monotonic ms, instead of when it was set for. */
  set(alarm: Alarm, due: number): void {
    if (alarm.place === NOWHERE) {
      alarm.due = due;
      alarm.place = this.#heap.length;
      this.#heap.push(alarm);
      this.#rise(alarm);
    } else {
      alarm.due = due;
      this.#rise(alarm);
      this.#sink(alarm);
    }
    this.#arm();
  }

  /** Takes an alarm back. */
  cancel(alarm: Alarm): void {
    if (alarm.place === NOWHERE) return;
    this.#remove(alarm);
    this.#arm();
  }

  #arm(): void {
    const due = this.#heap[0]?.due ?? Infinity;
    if (due === this.#timerDue) return;
    // A timer that rings for nobody is cheaper than to set it anew for each alarm that is taken back.
    if (due > this.#timerDue && due !== Infinity) return;
    this.#setTimer(due, Math.max(0, due - this.#clock.monotonic()));
  }

  #setTimer(due: number, delay: number): void {
    this.#cancelTimer?.();
    this.#timerDue = due;
    this.#cancelTimer = due === Infinity ? undefined : this.#clock.after(delay, () => this.#ring());
  }

  #ring(): void {
    const begun = this.#clock.monotonic();
    // No alarm that is set meanwhile sets the timer.
    this.#timerDue = -Infinity;
    this.#cancelTimer = undefined;
    let now = begun;
    try {
      for (let first = this.#heap[0]; first !== undefined && first.due <= now + EARLY_MS; first = this.#heap[0]) {
        this.#remove(first);
        first.ring();
        now = this.#clock.monotonic();
        if (now - begun > TURN_MS) break;
      }
    } finally {
      const due = this.#heap[0]?.due ?? Infinity;
      this.#setTimer(due, Math.max(0, due - now));
    }
  }

  #remove(alarm: Alarm): void {
    const last = this.#heap.pop()!;
    if (last !== alarm) {
      last.place = alarm.place;
      this.#heap[last.place] = last;
      this.#rise(last);
      this.#sink(last);
    }
    alarm.place = NOWHERE;
  }

  #rise(alarm: Alarm): void {
    const heap = this.#heap;
    let { place } = alarm;
    while (place > 0) {
      const above = heap[(place - 1) >> 1]!;
      if (above.due <= alarm.due) break;
      const to = (place - 1) >> 1;
      heap[place] = above;
      above.place = place;
      place = to;
    }
    heap[place] = alarm;
    alarm.place = place;
  }

  #sink(alarm: Alarm): void {
    const heap = this.#heap;
    let { place } = alarm;
    for (;;) {
      let below = place * 2 + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]!.due < heap[below]!.due) below++;
      const earlier = heap[below]!;
      if (earlier.due >= alarm.due) break;
      heap[place] = earlier;
      earlier.place = place;
      place = below;
    }
    heap[place] = alarm;
    alarm.place = place;
  }
}
