import type { WireReader } from "@narthex/bytes";
import type { ByteRun } from "./byte-run.ts";
import type { DeltaMetric } from "./delta-to-cumulative.ts";
import type { PointReferences } from "../series/point-references.ts";
import type { SeriesWriter } from "../series/series-writer.ts";

/** The metric at hand, and where its points go. */
export interface PointContext {
  readonly wire: WireReader;
  /** Of the message. */
  readonly view: DataView;
  /** The attributes of the point that was read last. */
  readonly attributes: ByteRun;
  readonly references: PointReferences;
  readonly writer: SeriesWriter;
  /** The number of the series' family. */
  family: number;
  /** Points tell what was added since the one before. */
  isDelta: boolean;
  /** Exemplars of the metric are kept. */
  hasExemplars: boolean;
  /** Adds points up; absent where they are stored as they come. */
  deltas: DeltaMetric | undefined;
  /** The resource was seen at a time: its lower and upper 32 bits, in nanoseconds. */
  noteTime(low: number, high: number): void;
  /** Something to tell about the translation, by category. */
  warn(category: WarningCategory): void;
}

/** What the counter of warnings tells apart. */
export type WarningCategory =
  | "empty_data_points"
  | "label_name_collision"
  | "histogram_zero_count_non_zero_sum"
  | "other";

/** Reads the points of one kind of metric. */
export interface PointReader {
  /** Reads the point whose message is at [start, end) and writes its series; why the rest of the metric is left out, where it is. */
  read(start: number, end: number): string | undefined;
}
