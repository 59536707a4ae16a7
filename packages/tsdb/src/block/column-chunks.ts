import type { FrameGroup } from "../columnar/frame-group.ts";
import type { EncodedChunk } from "./block-source.ts";
import type { SampleCounts } from "./meta.ts";

/** Receives the times of the first and the last sample of each chunk that is added to a group, ms. */
export type NoteChunk = (minTime: number, maxTime: number) => void;

/** Converts the encoded chunks of series into chunks of columns. */
export interface ColumnChunks {
  /** Number of samples that have been put into chunks. */
  readonly counts: SampleCounts;
  /** Adds the next encoded chunk of the current series. */
  take(chunk: EncodedChunk): void;
  /** Puts the remaining samples of the current series into chunks. */
  endSeries(): void;
}

export type MakeColumnChunks = (group: FrameGroup, note: NoteChunk) => ColumnChunks;
