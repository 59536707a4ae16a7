import type { WireReader } from "@narthex/bytes";
import type { ByteRun } from "./byte-run.ts";
import type { DeltaMetric } from "./delta-to-cumulative.ts";
import type { PointReferences } from "../series/point-references.ts";
import type { SeriesWriter } from "../series/series-writer.ts";

/** The current metric, and the destinations of its points. */
export interface PointContext {
  readonly wire: WireReader;
  /** View of the message. */
  readonly view: DataView;
  /** The attributes of the last point. */
  readonly attributes: ByteRun;
  readonly references: PointReferences;
  readonly writer: SeriesWriter;
  /** The number of the series' family. */
  family: number;
  /** Whether points have delta temporality. */
  isDelta: boolean;
  /** Whether exemplars of the metric are kept. */
  hasExemplars: boolean;
  /** Sums points; undefined if they are stored unchanged. */
  deltas: DeltaMetric | undefined;
  /** Records a time of the resource: its lower and upper 32 bits, in nanoseconds. */
  noteTime(low: number, high: number): void;
  /** Counts a warning about the translation, by category. */
  warn(category: WarningCategory): void;
}

/** Labels of the counter of warnings. */
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
