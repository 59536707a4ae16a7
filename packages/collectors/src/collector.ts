import type { MetricFamily } from "@narthex/exposition";
import type { Clock, FlagTable, Logger, Steps } from "@narthex/runtime";
import type { HostFiles } from "./host-files/host-files.ts";
import type { MetricSpec } from "./metric.ts";
import type { Settings } from "./settings.ts";

/** Metric families that a collector declares in advance, by the key under which the collector emits them. */
export type MetricTable = Readonly<Record<string, MetricSpec>>;

/** Emits families whose names come from the host's files (`node_vmstat_…`). */
export interface DynamicEmitter {
  readonly dynamic: (metric: MetricSpec, value: number, ...labels: readonly string[]) => void;
  /** Emits a complete metric family with all its samples, including histograms and summaries. Run all its steps. */
  readonly family: (family: MetricFamily) => Steps<void>;
  /**
   * Emits a complete metric family whose series are already in the order of Prometheus' Go client, so that large
   * families are not sorted again. Run all its steps.
   */
  readonly ordered: (family: MetricFamily) => Steps<void>;
}

/**
 * One emit function per declared metric, such as `emit.running(3.5, "cpu0")`. The label values are in the declared
 * order.
 */
export type Emitter<M extends MetricTable> = {
  readonly [K in keyof M]: (value: number, ...labels: readonly string[]) => void;
} & DynamicEmitter;

interface CollectorContext {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reads the host once. Throws NoDataError if there is nothing to read, and any other error if reading failed. */
export type Collect<M extends MetricTable> = (files: HostFiles, emit: Emitter<M>) => void | Promise<void>;

export interface CollectorDefinition<M extends MetricTable = MetricTable> {
  readonly name: string;
  /** True if the collector is enabled without a flag. */
  readonly enabled: boolean;
  /** Full names of flags without the dashes, as in the app's flag table. */
  readonly flags?: FlagTable;
  readonly metrics: M;
  /** Reads the host, for a collector without state and settings. */
  readonly collect?: Collect<M>;
  /**
   * Returns the function that reads the host, for a collector with state or settings. The collection calls `open` only
   * once, when the collector is first needed. Throws SettingsError if flags contradict each other.
   */
  readonly open?: (context: CollectorContext) => Collect<M>;
}

/** Definition of a collector as the registry stores it, without the type of its metric table. */
export interface Collector {
  readonly name: string;
  readonly enabled: boolean;
  readonly flags: FlagTable;
  readonly metrics: MetricTable;
  open(context: CollectorContext): Collect<MetricTable>;
}

/** Declares a collector without opening it. */
export function defineCollector<const M extends MetricTable>(definition: CollectorDefinition<M>): Collector {
  const { name, enabled, flags = {}, metrics, collect, open } = definition;
  return {
    name,
    enabled,
    flags,
    metrics,
    open: (context) => (open === undefined ? collect! : open(context)) as Collect<MetricTable>,
  };
}
