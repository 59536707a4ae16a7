export { BlockError } from "./block/block-error.ts";
export { openBlock } from "./block/open-block.ts";
export { seriesForMatchers } from "./select/series-for-matchers.ts";
export { openReadOnly, type ReadOnlyTsdb } from "./inspect/read-only.ts";
export { type BlockListing, type BlockOnDisk, listBlocks } from "./inspect/list-blocks.ts";
export { chunkFacts, type ChunkFacts } from "./inspect/chunk-facts.ts";
export { BlockBuilder, type BlockBuilderOptions } from "./import/block-builder.ts";
export { isUlid, ulidTime } from "./block/ulid.ts";
export { SeriesEntry } from "./block/series-entry.ts";
export type { Block, ChunkBytes, ChunkReader } from "./block/block.ts";
export type { BlockMeta, BlockStats } from "./block/meta.ts";
export type { DamagedBlock } from "./block-set.ts";
export { openTsdb, type Tsdb, type TsdbOptions } from "./db.ts";
export { diskFiles, type FileFacts, type Files, type OpenMode } from "./files.ts";
export { folderBytes } from "./folder-size.ts";
export type { ExemplarSeries } from "./head/exemplar-ring.ts";
export type { ReplayProgress } from "./head/read-log.ts";
export { FolderLockedError } from "./lock.ts";
export type { RetentionLimits } from "./retention.ts";
export { returnFreedMemory, returnMemoryOfStart } from "./return-memory.ts";
export type { MetricTable } from "./self-metrics.ts";
export { mergedQueryable } from "./select/merge.ts";
export type { HeadStats, NamedCount } from "./stats.ts";
export type { WalCompression } from "./wal/compression.ts";
export type { FsyncPolicy } from "./wal/durability.ts";
export {
  attachStorage,
  type AttachedStorage,
  type ReadMemory,
  type StorageHandles,
  type StorageShare,
} from "./share/attach-storage.ts";
