import type { MetricFamily } from "@narthex/exposition";
import type { Clock, FlagTable, Logger } from "@narthex/runtime";
import type { HostFiles } from "./host-files/host-files.ts";
import type { MetricSpec } from "./metric.ts";
import type { Settings } from "./settings.ts";

/** The families a collector always knows, by the key it emits them with. */
export type MetricTable = Readonly<Record<string, MetricSpec>>;

/** For families whose names come out of the files read (`node_vmstat_…`). */
export interface DynamicEmitter {
  readonly dynamic: (metric: MetricSpec, value: number, ...labels: readonly string[]) => void;
  /** For whole families that someone else made, histograms and summaries among them. */
  readonly family: (family: MetricFamily) => void;
  /** The same for families whose series stand in a Go client's order already; large ones are not sorted again. */
  readonly ordered: (family: MetricFamily) => void;
}

/** One function per declared metric: `emit.running(3.5, "cpu0")`, label values in the declared order. */
export type Emitter<M extends MetricTable> = {
  readonly [K in keyof M]: (value: number, ...labels: readonly string[]) => void;
} & DynamicEmitter;

/** What a collector is given when it is opened. */
export interface CollectorContext {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reads the host once. Throws NoDataError if there is nothing to read, any other error where reading failed. */
export type Collect<M extends MetricTable> = (files: HostFiles, emit: Emitter<M>) => void | Promise<void>;

/** A collector as its file declares it: what it is called, what it emits, how it reads. */
export interface CollectorDefinition<M extends MetricTable = MetricTable> {
  readonly name: string;
  /** On without a flag. */
  readonly enabled: boolean;
  /** Full names without the dashes, as the app's flag table takes them. */
  readonly flags?: FlagTable;
  readonly metrics: M;
  /** For collectors without state and settings. */
  readonly collect?: Collect<M>;
  /** For the others; called once, when the collector is first needed. Throws SettingsError on flags that clash. */
  readonly open?: (context: CollectorContext) => Collect<M>;
}

/** A definition with its metric table forgotten, as the registry holds it. */
export interface Collector {
  readonly name: string;
  readonly enabled: boolean;
  readonly flags: FlagTable;
  readonly metrics: MetricTable;
  open(context: CollectorContext): Collect<MetricTable>;
}

/** Declares a collector. Nothing happens until the registry's user opens it. */
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
