import type { ChunkSizes } from "../block/chunk-sizes.ts";
import type { BlockSet } from "../block-set/block-set.ts";
import { bucketTable } from "./buckets.ts";
import type { MaintenanceContext } from "../maintenance/context.ts";
import type { MetricTable } from "./self-metrics.ts";

/** Returns the metrics of blocks, compaction and retention, with Prometheus' names. */
export function blockMetrics(
  blocks: BlockSet,
  { stats, limits, parts: { downsampled } }: MaintenanceContext,
  sizes: ChunkSizes,
): MetricTable {
  const cold = blocks.blocks.filter(({ isColumnar }) => isColumnar);
  return {
    prometheus_tsdb_blocks_loaded: blocks.blocks.length,
    prometheus_tsdb_storage_blocks_bytes: blocks.sizeBytes,
    prometheus_tsdb_reloads_total: blocks.stats.reloads,
    prometheus_tsdb_reloads_failures_total: blocks.stats.reloadsFailed,
    prometheus_tsdb_compactions_total: stats.ran,
    prometheus_tsdb_compactions_triggered_total: stats.triggered,
    prometheus_tsdb_compactions_failed_total: stats.failed,
    prometheus_tsdb_compactions_skipped_total: 0,
    prometheus_tsdb_compaction_populating_block: stats.running ? 1 : 0,
    prometheus_tsdb_vertical_compactions_total: stats.vertical,
    ...bucketTable("prometheus_tsdb_compaction_duration_seconds", stats.durations),
    ...bucketTable("prometheus_tsdb_compaction_chunk_size_bytes", sizes.bytes),
    ...bucketTable("prometheus_tsdb_compaction_chunk_samples", sizes.samples),
    ...bucketTable("prometheus_tsdb_compaction_chunk_range_seconds", sizes.range),
    prometheus_tsdb_stale_series_compactions_triggered_total: stats.staleTriggered,
    prometheus_tsdb_stale_series_compactions_failed_total: stats.staleFailed,
    ...bucketTable("prometheus_tsdb_stale_series_compaction_duration_seconds", stats.staleDurations),
    ...bucketTable("prometheus_tsdb_tombstone_cleanup_seconds", stats.cleanups),
    prometheus_tsdb_retention_limit_seconds: limits.timeMs / 1000,
    prometheus_tsdb_retention_limit_bytes: limits.sizeBytes,
    prometheus_tsdb_retention_limit_percentage: limits.percentage ?? 0,
    prometheus_tsdb_time_retentions_total: stats.timeRetentions,
    prometheus_tsdb_size_retentions_total: stats.sizeRetentions,
    narthex_tsdb_head_chunks_recovered_total: stats.chunksRecovered,
    narthex_tsdb_cold_blocks: cold.length,
    narthex_tsdb_cold_blocks_bytes: cold.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    narthex_tsdb_downsampled_blocks: downsampled.blocks.length,
    narthex_tsdb_downsampled_blocks_bytes: downsampled.sizeBytes,
    narthex_tsdb_blocks_damaged: blocks.damaged.length + downsampled.damaged.length,
    narthex_tsdb_blocks_set_aside: blocks.setAsideCount + downsampled.setAsideCount,
  };
}
