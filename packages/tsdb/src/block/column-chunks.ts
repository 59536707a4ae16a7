import type { FrameGroup } from "../columnar/frame-group.ts";
import type { EncodedChunk } from "./block-source.ts";
import type { SampleCounts } from "./meta.ts";

/** Is told the first and the last time of each chunk that goes into a group, ms. */
export type NoteChunk = (minTime: number, maxTime: number) => void;

/** Makes the chunks of columns that the chunks of series become. */
export interface ColumnChunks {
  /** What went into chunks so far. */
  readonly counts: SampleCounts;
  /** Takes the next chunk of the present series. */
  take(chunk: EncodedChunk): void;
  /** Puts all of the series that is in no chunk yet into chunks. */
  endSeries(): void;
}

export type MakeColumnChunks = (group: FrameGroup, note: NoteChunk) => ColumnChunks;
