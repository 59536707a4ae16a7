/** A bounded line of things to send; when it is full the oldest give way. */
export class NoticeQueue<T> {
  readonly capacity: number;
  #items: T[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Appends in order; returns how many of the oldest were dropped to make room. */
  push(items: readonly T[]): number {
    const all = [...this.#items, ...items];
    const dropped = Math.max(0, all.length - this.capacity);
    this.#items = dropped === 0 ? all : all.slice(dropped);
    return dropped;
  }

  /** Takes up to `count` of the oldest. */
  take(count: number): T[] {
    return this.#items.splice(0, count);
  }
}
