import type { FrameGroup } from "../columnar/frame-group.ts";
import type { EncodedChunk } from "./block-source.ts";
import type { SampleCounts } from "./meta.ts";

/** Receives the first and the last time of each chunk that is added to a group, ms. */
export type NoteChunk = (minTime: number, maxTime: number) => void;

/** Converts the chunks of series into chunks of columns. */
export interface ColumnChunks {
  /** Samples that are in chunks so far. */
  readonly counts: SampleCounts;
  /** Takes the next chunk of the current series. */
  take(chunk: EncodedChunk): void;
  /** Puts the remaining samples of the series into chunks. */
  endSeries(): void;
}

export type MakeColumnChunks = (group: FrameGroup, note: NoteChunk) => ColumnChunks;
