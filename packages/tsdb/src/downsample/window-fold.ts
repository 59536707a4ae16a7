import { isStaleAt } from "@narthex/model";
import type { SampleAggregates, SampleColumns } from "@narthex/storage";

/**
 * Aggregates the floats of a series. Each window (k·length - length, k·length] with samples gets one row of aggregates;
 * windows are half-open like the ranges of PromQL. A stale marker at the end of a window becomes a separate row.
 */
export class WindowFold {
  readonly #lengthMs: number;
  readonly #rows: SampleAggregates;
  /** End of the window that is being aggregated, ms; -Infinity if no window has begun. */
  #windowEnd = -Infinity;
  #stale = -Infinity;
  #count = 0;
  #firstTime = 0;
  #lastTime = 0;
  #first = 0;
  #last = 0;
  #sum = 0;
  #compensation = 0;
  #min = 0;
  #max = 0;
  #lost = 0;

  /** @param rows list to which finished rows are added */
  constructor(lengthMs: number, rows: SampleAggregates) {
    this.#lengthMs = lengthMs;
    this.#rows = rows;
  }

  /** Adds the floats with index [from, to), which must be newer than those of earlier calls. */
  add({ timestamps, values, valueWords }: SampleColumns, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const time = timestamps[i]!;
      if (time > this.#windowEnd) {
        this.finish();
        this.#windowEnd = Math.ceil(time / this.#lengthMs) * this.#lengthMs;
      }
      if (isStaleAt(valueWords, i)) this.#stale = time;
      else this.#addSample(time, values[i]!);
    }
  }

  #addSample(time: number, value: number): void {
    if (this.#count++ === 0) {
      this.#firstTime = time;
      this.#first = this.#min = this.#max = this.#sum = value;
      this.#compensation = this.#lost = 0;
    } else {
      if (value < this.#last) this.#lost += this.#last;
      if (value < this.#min || Number.isNaN(this.#min)) this.#min = value;
      if (value > this.#max || Number.isNaN(this.#max)) this.#max = value;
      this.#addToSum(value);
    }
    this.#last = value;
    this.#lastTime = time;
    this.#stale = -Infinity;
  }

  /** Adds a value to the window's sum by the algorithm of Kahan and Neumaier, as sum_over_time() does. */
  #addToSum(value: number): void {
    const sum = this.#sum;
    const total = sum + value;
    if (Math.abs(total) === Infinity) this.#compensation = 0;
    else this.#compensation += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
    this.#sum = total;
  }

  /** Finishes the row of the last window. */
  finish(): void {
    if (this.#count > 0) this.#push();
    if (this.#stale !== -Infinity) this.#rows.pushStale(this.#stale);
    this.#count = 0;
    this.#stale = this.#windowEnd = -Infinity;
  }

  #push(): void {
    const rows = this.#rows;
    rows.reserve(rows.rows + 1);
    const row = rows.rows++;
    rows.time[row] = this.#lastTime;
    rows.last[row] = this.#last;
    rows.count[row] = this.#count;
    rows.sum[row] = Math.abs(this.#sum) === Infinity ? this.#sum : this.#sum + this.#compensation;
    rows.min[row] = this.#min;
    rows.max[row] = this.#max;
    rows.first[row] = this.#first;
    rows.length[row] = this.#lastTime - this.#firstTime;
    rows.lost[row] = this.#lost;
  }
}
