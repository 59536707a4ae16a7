import type { WireReader } from "@narthex/bytes";
import type { ByteRun } from "./byte-run.ts";
import type { DeltaMetric } from "./delta-to-cumulative.ts";
import type { PointReferences } from "../series/point-references.ts";
import type { SeriesWriter } from "../series/series-writer.ts";

/** The current metric, and the parts that receive its points. */
export interface PointContext {
  readonly wire: WireReader;
  /** View of the message's bytes. */
  readonly view: DataView;
  /** The attributes of the last point. */
  readonly attributes: ByteRun;
  readonly references: PointReferences;
  readonly writer: SeriesWriter;
  /** Number of the family of the current metric's series. */
  family: number;
  /** True if points have delta temporality. */
  isDelta: boolean;
  /** True if exemplars of the metric are kept. */
  hasExemplars: boolean;
  /** Sums the points of the metric, or undefined if they are stored unchanged. */
  deltas: DeltaMetric | undefined;
  /**
   * Records the time of a point for its resource.
   * @param low lower 32 bits of the time in nanoseconds
   * @param high upper 32 bits
   */
  noteTime(low: number, high: number): void;
  /** Counts a warning about the translation. */
  warn(category: WarningCategory): void;
}

/** Values of the label of the counter of warnings. */
export type WarningCategory =
  | "empty_data_points"
  | "label_name_collision"
  | "histogram_zero_count_non_zero_sum"
  | "other";

/** Reads the points of one kind of metric. */
export interface PointReader {
  /**
   * Reads the point whose message is at [start, end) and writes its series. Returns the reason if the rest of the
   * metric is left out.
   */
  read(start: number, end: number): string | undefined;
}
