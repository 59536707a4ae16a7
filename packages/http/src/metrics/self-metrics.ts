import { type FamilySample, type MetricFamily, type MetricType, processFaults } from "@narthex/exposition";
import { formatFloat } from "@narthex/model";
import { type Clock, InternalErrors, systemClock } from "@narthex/runtime";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { Dialers } from "../client/dial-counts.ts";
import { RecentSummary } from "./recent-summary.ts";

/** Function that creates metric families at each scrape. Used by parts of the program that have their own counters. */
export type MetricSource = () => readonly MetricFamily[] | Promise<readonly MetricFamily[]>;

/** Prefix of metrics that only this program has and Prometheus' own programs do not have. */
const OURS = "narthex_";

/** The fields of a prom-client metric that this file reads. */
interface ClientMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly {
    readonly value: number;
    readonly metricName?: string;
    readonly labels: Readonly<Record<string, string | number>>;
  }[];
}

/**
 * The metrics of one process: a prom-client registry, and functions that create families. Metrics that Prometheus'
 * programs do not have (`narthex_*`) are shown only if they are enabled.
 */
export class SelfMetrics {
  readonly registry = new Registry();
  /** Counts the connections that HTTP clients of this process open. */
  readonly dialers = new Dialers();
  /**
   * Counts internal errors. The metric appears only after the first error, because Prometheus' programs do not have
   * this metric.
   */
  readonly internalErrors = new InternalErrors();
  readonly #sources: MetricSource[] = [];
  readonly #shown: MetricSource[] = [];
  readonly #showOurs: boolean;
  readonly #clock: Clock;

  constructor(options: { readonly showOurs?: boolean; readonly clock?: Clock } = {}) {
    const showOurs = options.showOurs ?? false;
    this.#showOurs = showOurs;
    this.#clock = options.clock ?? systemClock;
    this.addAlwaysShown(() => processFaults([this.internalErrors], { showsLoop: showOurs }));
  }

  counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  histogram<L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly L[] = [],
  ): Histogram<L> {
    return new Histogram({
      name,
      help,
      labelNames: [...labelNames],
      buckets: [...buckets],
      registers: [this.registry],
    });
  }

  /** Registers a summary with quantiles over the last ten minutes, the Go client's default. */
  summary<L extends string>(
    name: string,
    help: string,
    quantiles: readonly number[],
    labelNames: readonly L[] = [],
  ): RecentSummary<L> {
    const made = new RecentSummary(name, help, quantiles, labelNames, this.#clock);
    this.#sources.push(() => {
      const family = made.family();
      return family === undefined ? [] : [family];
    });
    return made;
  }

  /** Adds a function that creates metric families at each scrape. */
  addSource(source: MetricSource): void {
    this.#sources.push(source);
  }

  /**
   * Adds a function for metric families that are shown even if `narthex_*` metrics are disabled. Such families exist
   * only during or after a failure, or if the configuration enables their feature.
   */
  addAlwaysShown(source: MetricSource): void {
    this.#shown.push(source);
  }

  /** Returns all metric families, unsorted. */
  async families(): Promise<MetricFamily[]> {
    // Calls the functions before the registry is read, because some of them set gauges of the registry.
    const brought = await Promise.all(this.#sources.map(async (source) => source()));
    const own = (await this.registry.getMetricsAsJSON()) as unknown as readonly ClientMetric[];
    const all = [...own.filter((metric) => metric.values.length > 0).map(toFamily), ...brought.flat()];
    const shown = await Promise.all(this.#shown.map(async (source) => source()));
    return [...(this.#showOurs ? all : all.filter(({ name }) => !name.startsWith(OURS))), ...shown.flat()];
  }
}

function toFamily(metric: ClientMetric): MetricFamily {
  const samples = metric.values.map((reading): FamilySample => {
    const { le, ...rest } = reading.labels;
    const labels = Object.entries(rest).flatMap(([name, value]) => [name, String(value)]);
    if (le !== undefined) labels.push("le", typeof le === "number" && le >= 1e6 ? formatFloat(le) : String(le));
    return { suffix: (reading.metricName ?? metric.name).slice(metric.name.length), labels, value: reading.value };
  });
  return { name: metric.name, help: metric.help, type: metric.type as MetricType, samples };
}
