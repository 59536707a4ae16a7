/** The metric types that a collector emits. "unknown" is called untyped in the text format. */
export type MetricType = "counter" | "gauge" | "unknown";

/** Name, type, help and labels of a family. Label values are passed in the order of `labels`. */
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

/** Describes a value that only grows until its source restarts. */
export const counter: Describe = describe("counter");
/** Describes a value that can rise and fall. */
export const gauge: Describe = describe("gauge");
/** Describes a value whose type the kernel does not report. */
export const unknown: Describe = describe("unknown");

/** Returns metrics by name, for collectors that read a table of files. */
export const byName = (metrics: readonly MetricSpec[]): Readonly<Record<string, MetricSpec>> =>
  Object.fromEntries(metrics.map((metric) => [metric.name, metric]));
