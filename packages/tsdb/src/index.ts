export { BlockError } from "./block/block-error.ts";
export { decodeChunk } from "./block/decode-chunk.ts";
export { openBlock } from "./block/open-block.ts";
export { seriesForMatchers } from "./select/series-for-matchers.ts";
export { openReadOnly, type ReadOnlyTsdb } from "./inspect/read-only.ts";
export { listBlocks } from "./inspect/list-blocks.ts";
export { chunkStats } from "./inspect/chunk-stats.ts";
export { rewriteBlocks } from "./inspect/rewrite-blocks.ts";
export { blockPaths } from "./block-set/block-folders.ts";
export { BlockBuilder } from "./import/block-builder.ts";
export { ulidTime } from "./block/ulid.ts";
export { SeriesEntry } from "./block/series-entry.ts";
export type { Block, ChunkBytes } from "./block/block.ts";
export type { BlockMeta } from "./block/meta.ts";
export { openTsdb } from "./open-tsdb.ts";
export type { AgentOptions } from "./agent/agent-options.ts";
export type { AgentStorage, SentLog } from "./agent/agent-storage.ts";
export { openAgent } from "./agent/open-agent.ts";
export type { Tsdb, TsdbOptions } from "./tsdb.ts";
export { diskFiles } from "./files.ts";
export { folderBytes } from "./inspect/folder-size.ts";
export { FolderLockedError } from "./startup/folder-lock.ts";
export { type DownsamplingRule, RESOLUTIONS } from "./downsample/rule.ts";
export type { RetentionLimits } from "./maintenance/retention.ts";
export type { MetricTable } from "./metrics/self-metrics.ts";
export { mergedQueryable } from "./select/merge.ts";
export { mergeLabels } from "./select/merge-labels.ts";
export { ChunkEncoder } from "./chunk/chunk-encoder.ts";
export { appendColumns, mergeRuns } from "./select/merge-runs.ts";
export { mergeSortedStrings } from "./select/merge-sorted-strings.ts";
export { attachStorage, type ReadMemory, type StorageHandles } from "./share/attach-storage.ts";
export { LogTail } from "./wal/log-tail.ts";
export { SharedLogEnd } from "./wal/shared-log-end.ts";
export type { LogEnd } from "./wal/writer.ts";
export { readSegment } from "./wal/read-segment.ts";
export { listCheckpoints, listSegments } from "./wal/segment.ts";
export {
  readExemplars,
  readMetadata,
  readSamples,
  readSeries,
  RECORD_EXEMPLARS,
  RECORD_METADATA,
  RECORD_SAMPLES,
  RECORD_SAMPLES_V2,
  RECORD_SERIES,
  SampleRecord,
  type SeriesExemplar,
} from "./wal/records.ts";
export { type HistogramSample, isHistogramRecord, readHistogramRecord } from "./wal/histogram-records.ts";
