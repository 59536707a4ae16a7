import type { BucketStatistics } from "./bucket-statistics.ts";

/** Minimum, average and maximum of a number over all series. */
class Distribution {
  #min = Infinity;
  #max = 0;
  #average = 0;
  #count = 0;

  add(value: number): void {
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
    this.#count++;
    this.#average += value / this.#count - this.#average / this.#count;
  }

  toString(): string {
    return `${this.#min}/${this.#average.toFixed(3)}/${this.#max}`;
  }

  equals(other: Distribution): boolean {
    return this.#min === other.#min && this.#max === other.#max && this.#average === other.#average;
  }
}

/** Summary of the bucket statistics of all series of one kind. */
export class StatisticsSummary {
  readonly #min = new Distribution();
  readonly #avg = new Distribution();
  readonly #max = new Distribution();
  readonly #total = new Distribution();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add({ minPopulated, avgPopulated, maxPopulated, total }: BucketStatistics): void {
    this.#min.add(minPopulated);
    this.#avg.add(Math.trunc(avgPopulated));
    this.#max.add(maxPopulated);
    this.#total.add(total);
    this.#count++;
  }

  toString(): string {
    const lines = [
      `histogram series (${this.#count} in total):`,
      `- min populated: ${this.#min.toString()}`,
      `- avg populated: ${this.#avg.toString()}`,
      `- max populated: ${this.#max.toString()}`,
      ...(this.#max.equals(this.#total) ? [] : [`- total: ${this.#total.toString()}`]),
    ];
    return lines.join("\n");
  }
}
