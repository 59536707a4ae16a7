/** Gives the memory of something back for reuse. */
export type Recycle = (id: number, size: number) => void;

interface Waiting {
  readonly epoch: number;
  readonly recycle: Recycle;
  readonly id: number;
  readonly size: number;
}

/** Memory that was given back, held until every reader that could have seen it is closed. */
export class Retired {
  #epoch = 1;
  readonly #readers = new Set<number>();
  #waiting: Waiting[] = [];

  /** Recycles at once when nobody reads, else when the present readers are gone. */
  retire(recycle: Recycle, id: number, size: number): void {
    if (this.#readers.size === 0) recycle(id, size);
    else this.#waiting.push({ epoch: this.#epoch, recycle, id, size });
  }

  /** Keeps everything that is in use now readable until the returned function is called. */
  pin(): () => void {
    const epoch = ++this.#epoch;
    this.#readers.add(epoch);
    return () => {
      if (this.#readers.delete(epoch) && this.#waiting.length > 0) this.#sweep();
    };
  }

  #sweep(): void {
    let oldest = Infinity;
    for (const epoch of this.#readers) oldest = Math.min(oldest, epoch);
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ epoch }) => epoch >= oldest);
    for (const { epoch, recycle, id, size } of waiting) if (epoch < oldest) recycle(id, size);
  }
}
