import type { WireReader } from "@narthex/bytes";
import type { ByteRun } from "./byte-run.ts";
import type { DeltaMetric } from "./delta-to-cumulative.ts";
import type { PointReferences } from "../series/point-references.ts";
import type { SeriesWriter } from "../series/series-writer.ts";

/** The metric whose data points are being read, and the objects that receive them. */
export interface PointContext {
  readonly wire: WireReader;
  readonly view: DataView;
  /** The attributes of the data point that was read last. */
  readonly attributes: ByteRun;
  readonly references: PointReferences;
  readonly writer: SeriesWriter;
  /** Number that identifies resource, scope and metric of the series together. */
  family: number;
  isDelta: boolean;
  /** True if exemplars of the metric are kept. */
  hasExemplars: boolean;
  /** Adds up the data points of the metric. Undefined if the data points are stored unchanged. */
  deltas: DeltaMetric | undefined;
  /**
   * Records the time of a data point for its resource.
   * @param low lower 32 bits of the time in nanoseconds
   * @param high upper 32 bits
   */
  noteTime(low: number, high: number): void;
  warn(category: WarningCategory): void;
}

/** Kinds of warnings. The kind is a label value of the counter of warnings. */
export type WarningCategory =
  | "empty_data_points"
  | "label_name_collision"
  | "histogram_zero_count_non_zero_sum"
  | "other";

/** Reads the data points of one kind of metric. */
export interface PointReader {
  /**
   * Reads the data point at [start, end) of the message, and stores its series. Returns the reason if the remaining
   * data points of the metric must be left out.
   */
  read(start: number, end: number): string | undefined;
}
