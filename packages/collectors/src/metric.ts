/** The metric types a collector emits; "unknown" is what the text format calls untyped. */
export type MetricType = "counter" | "gauge" | "unknown";

/** What a family says about itself. Label values are handed over in the order of `labels`. */
export interface MetricSpec {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
}

type Describe = (name: string, help: string, labels?: readonly string[]) => MetricSpec;

const describe =
  (type: MetricType): Describe =>
  (name, help, labels = []) => ({ name, type, help, labels });

/** A value that only grows until its source starts again. */
export const counter: Describe = describe("counter");
/** A value that goes up and down. */
export const gauge: Describe = describe("gauge");
/** A value whose kind the kernel does not tell. */
export const unknown: Describe = describe("unknown");

/** Metrics by their names, for collectors that go by a table of files and emit what it says. */
export const byName = (metrics: readonly MetricSpec[]): Readonly<Record<string, MetricSpec>> =>
  Object.fromEntries(metrics.map((metric) => [metric.name, metric]));
