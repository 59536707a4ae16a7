import { family, type MetricFamily, sample } from "@narthex/exposition";

/** Numbers about the series budget of a scrape job, for metrics. */
export interface BudgetReading {
  readonly job: string;
  readonly budget: number;
  readonly series: number;
  readonly cutSeries: number;
  readonly cutSamples: number;
}

/** Returns the metrics of jobs that have the setting `series_budget`. Prometheus does not have these metrics. */
export function budgetFamilies(readings: readonly BudgetReading[]): MetricFamily[] {
  if (readings.length === 0) return [];
  const made = (
    type: "gauge" | "counter",
    name: string,
    help: string,
    value: (reading: BudgetReading) => number,
  ): MetricFamily => {
    const samples = readings.map((reading) => sample(value(reading), { scrape_job: reading.job }));
    return family(type, `narthex_scrape_series_budget${name}`, help, samples);
  };
  return [
    made("gauge", "", "Series that the targets of a scrape job may have together.", ({ budget }) => budget),
    made(
      "gauge",
      "_series",
      "Series that the targets of a scrape job have together, without those that are left out.",
      ({ series }) => series,
    ),
    made(
      "gauge",
      "_cut_series",
      "Series that are left out because the scrape job is over its budget.",
      ({ cutSeries }) => cutSeries,
    ),
    made(
      "counter",
      "_cut_samples_total",
      "Samples that were left out because the scrape job was over its budget of series.",
      ({ cutSamples }) => cutSamples,
    ),
  ];
}
