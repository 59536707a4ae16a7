import type { FamilySample, MetricFamily, MetricType } from "@narthex/exposition";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";

/** Families made anew at each scrape, by parts that keep their own numbers. */
export type MetricSource = () => readonly MetricFamily[] | Promise<readonly MetricFamily[]>;

/** Beginning of the names that only Narthex has. */
const OURS = "narthex_";

/** What a prom-client metric answers when asked for its readings. */
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
 * A role's own metrics: a prom-client registry, and sources that bring families of their own. Series that the original
 * does not have (`narthex_*`) are shown only when asked for.
 */
export class SelfMetrics {
  readonly registry = new Registry();
  readonly #sources: MetricSource[] = [];
  readonly #showOurs: boolean;

  constructor(options: { readonly showOurs?: boolean } = {}) {
    this.#showOurs = options.showOurs ?? false;
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

  /** Quantiles over the last ten minutes, as the Go client's default. */
  summary<L extends string>(
    name: string,
    help: string,
    quantiles: readonly number[],
    labelNames: readonly L[] = [],
  ): Summary<L> {
    return new Summary({
      name,
      help,
      labelNames: [...labelNames],
      percentiles: [...quantiles],
      maxAgeSeconds: 600,
      ageBuckets: 5,
      pruneAgedBuckets: false,
      registers: [this.registry],
    });
  }

  /** Adds a source of families. */
  addSource(source: MetricSource): void {
    this.#sources.push(source);
  }

  /** All families, in no particular order; writers sort them. */
  async families(): Promise<MetricFamily[]> {
    // Sources first: some of them set gauges of the registry.
    const brought = await Promise.all(this.#sources.map(async (source) => source()));
    const own = (await this.registry.getMetricsAsJSON()) as unknown as readonly ClientMetric[];
    const all = [...own.filter((metric) => metric.values.length > 0).map(toFamily), ...brought.flat()];
    return this.#showOurs ? all : all.filter(({ name }) => !name.startsWith(OURS));
  }
}

function toFamily(metric: ClientMetric): MetricFamily {
  const samples = metric.values.map((reading): FamilySample => {
    const { le, quantile, ...rest } = reading.labels;
    const labels = Object.entries(rest).flatMap(([name, value]) => [name, String(value)]);
    if (le !== undefined) labels.push("le", String(le));
    if (quantile !== undefined) labels.push("quantile", String(quantile));
    return {
      suffix: (reading.metricName ?? metric.name).slice(metric.name.length),
      labels,
      value: emptyIsNan(metric, reading),
    };
  });
  return { name: metric.name, help: metric.help, type: metric.type as MetricType, samples };
}

/** A quantile of nothing is NaN; prom-client says 0 or leaves it undefined. */
function emptyIsNan(metric: ClientMetric, reading: ClientMetric["values"][number]): number {
  if (metric.type !== "summary" || reading.labels["quantile"] === undefined) return reading.value;
  const count = metric.values.find(
    (other) => other.metricName === `${metric.name}_count` && sameLabels(other.labels, reading.labels),
  );
  return count === undefined || count.value === 0 || reading.value === undefined ? NaN : reading.value;
}

const sameLabels = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean =>
  Object.keys(a).every((name) => name === "quantile" || a[name] === b[name]);
