export { openTsdb, type Tsdb, type TsdbOptions } from "./db.ts";
export { diskFiles, type FileFacts, type Files, type OpenMode } from "./files.ts";
export type { ExemplarSeries } from "./head/exemplar-ring.ts";
export type { ReplayProgress } from "./head/read-log.ts";
export { FolderLockedError } from "./lock.ts";
export type { MetricTable } from "./self-metrics.ts";
export type { HeadStats, NamedCount } from "./stats.ts";
export type { WalCompression } from "./wal/compression.ts";
export type { FsyncPolicy } from "./wal/durability.ts";
