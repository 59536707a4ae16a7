import { type MetricFamily, parseFamilies } from "@narthex/exposition";

export interface ScrapedSeries {
  readonly name: string;
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const recordOf = (pairs: readonly string[]): Record<string, string> =>
  Object.fromEntries(Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[2 * i]!, pairs[2 * i + 1]!]));

/** The parsed result of a scrape, with methods that look up series. */
export class Scraped {
  readonly series: readonly ScrapedSeries[];

  constructor(text: string) {
    const result = parseFamilies(new TextEncoder().encode(text));
    if (!result.ok) throw new Error(result.message);
    this.series = result.families.flatMap(({ name, type, samples }: MetricFamily) =>
      samples.map(({ suffix, labels, value }) => ({ name: name + suffix, type, labels: recordOf(labels), value })),
    );
  }

  /** Returns all series with this name that have at least the given labels. */
  all(name: string, labels: Readonly<Record<string, string>>): readonly ScrapedSeries[] {
    return this.series.filter(
      (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
    );
  }

  /** Returns the value of the only series with this name and these labels; NaN if no series or several series match. */
  value(name: string, labels: Readonly<Record<string, string>>): number {
    const found = this.all(name, labels);
    return found.length === 1 ? found[0]!.value : Number.NaN;
  }
}
