import type { FrameGroup } from "../columnar/frame-group.ts";
import type { EncodedChunk } from "./block-source.ts";
import type { SampleCounts } from "./meta.ts";

/** Callback for each chunk that is added to a group. Gets the times of its first and last sample, ms. */
export type NoteChunk = (minTime: number, maxTime: number) => void;

/** Converts the encoded chunks of series into chunks of our columnar format. */
export interface ColumnChunks {
  /** Number of samples that have been put into chunks. */
  readonly counts: SampleCounts;
  /** Adds the next encoded chunk of the series that is being converted. */
  take(chunk: EncodedChunk): void;
  /** Ends the series that is being converted: puts its remaining samples into chunks. */
  endSeries(): void;
}

export type MakeColumnChunks = (group: FrameGroup, note: NoteChunk) => ColumnChunks;
