import type { Head } from "../head/head.ts";
import { countStale } from "../head/stale-series.ts";
import { chunkCount } from "./stats.ts";
import type { Durability } from "../wal/durability.ts";
import { folderBytes } from "../inspect/folder-size.ts";
import type { OutOfOrderLog } from "../head/out-of-order/out-of-order-log.ts";
import type { WalWriter } from "../wal/writer.ts";

/** Numbers about the database as a whole, which belong neither to the head nor to the log. */
export interface DatabaseStats {
  readonly replaySeconds: number;
  readonly corruptions: number;
  readonly unknownReferences: number;
  /**
   * Value of the metric prometheus_tsdb_clean_start: -1 if the lock file is disabled, 0 if an earlier process left a
   * lock file, 1 otherwise.
   */
  readonly cleanStart: number;
  readonly snapshotFailed: boolean;
  readonly checkpoints: number;
  readonly checkpointsFailed: number;
  readonly checkpointDeletions: number;
  readonly checkpointDeletionsFailed: number;
  readonly walTruncations: number;
  readonly walTruncationSeconds: number;
  readonly failedTruncations: number;
}

/** Values of metrics by series. A key is the name with its labels: `x_total{type="float"}`. */
export type MetricTable = Record<string, number>;

/** Returns the metrics of the head, with Prometheus' names. Leaves out metrics with times if the head is empty. */
export function headMetrics(head: Head): MetricTable {
  const { counters, memory, exemplars } = head;
  const chunks = chunkCount(head);
  return {
    prometheus_tsdb_head_series: memory.series.count,
    prometheus_tsdb_head_stale_series: countStale(head),
    prometheus_tsdb_head_native_histogram_series: head.histogramChunks.seriesCount,
    prometheus_tsdb_head_chunks: chunks,
    'prometheus_tsdb_head_samples_appended_total{type="float"}': counters.floatsAppended,
    'prometheus_tsdb_head_samples_appended_total{type="histogram"}': counters.histogramsAppended,
    'prometheus_tsdb_head_out_of_order_samples_appended_total{type="float"}': head.outOfOrder.floatsAppended,
    'prometheus_tsdb_head_out_of_order_samples_appended_total{type="histogram"}': head.outOfOrder.histogramsAppended,
    prometheus_tsdb_head_series_created_total: counters.seriesCreated,
    prometheus_tsdb_head_series_removed_total: counters.seriesRemoved,
    prometheus_tsdb_head_series_not_found_total: counters.seriesNotFound,
    prometheus_tsdb_head_chunks_created_total: chunks + counters.chunksRemoved,
    prometheus_tsdb_head_chunks_removed_total: counters.chunksRemoved,
    prometheus_tsdb_head_active_appenders: head.activeAppenders,
    prometheus_tsdb_isolation_low_watermark: head.oldestTransaction,
    prometheus_tsdb_isolation_high_watermark: head.newestTransaction,
    prometheus_tsdb_head_gc_duration_seconds_sum: counters.collectionSeconds,
    prometheus_tsdb_head_gc_duration_seconds_count: counters.collections,
    prometheus_tsdb_head_truncations_total: counters.truncations,
    prometheus_tsdb_head_truncations_failed_total: counters.truncationsFailed,
    prometheus_tsdb_symbol_table_size_bytes: memory.symbols.textBytes,
    ...refusals(head),
    narthex_tsdb_head_slab_bytes: memory.slabs.reservedBytes,
    narthex_tsdb_head_slab_used_bytes: memory.slabs.usedBytes,
    'prometheus_tsdb_out_of_order_samples_total{type="float"}': counters.floatsOutOfOrder,
    'prometheus_tsdb_out_of_order_samples_total{type="histogram"}': counters.histogramsOutOfOrder,
    'prometheus_tsdb_too_old_samples_total{type="float"}': counters.floatsTooOld,
    'prometheus_tsdb_out_of_bound_samples_total{type="float"}': counters.floatsOutOfBounds,
    'prometheus_tsdb_out_of_bound_samples_total{type="histogram"}': counters.histogramsOutOfBounds,
    prometheus_tsdb_exemplar_exemplars_appended_total: counters.exemplarsAppended,
    prometheus_tsdb_exemplar_exemplars_in_storage: exemplars.count,
    prometheus_tsdb_exemplar_series_with_exemplars_in_storage: exemplars.seriesCount,
    prometheus_tsdb_exemplar_last_exemplars_timestamp_seconds: exemplars.lastTimestamp / 1000,
    prometheus_tsdb_exemplar_max_exemplars: exemplars.capacity,
    prometheus_tsdb_exemplar_out_of_order_exemplars_total: counters.exemplarsOutOfOrder,
    ...times(head),
  };
}

function refusals({ memory: { capacity } }: Head): MetricTable {
  const table: MetricTable = { narthex_tsdb_head_samples_refused_total: capacity.refusedSamples };
  for (const [reason, count] of Object.entries(capacity.refusedSeries)) {
    table[`narthex_tsdb_head_series_refused_total{lacking="${reason}"}`] = count;
  }
  return table;
}

function times({ minTime, maxTime }: Head): MetricTable {
  if (maxTime === -Infinity) return {};
  return {
    prometheus_tsdb_head_min_time: minTime,
    prometheus_tsdb_head_max_time: maxTime,
    prometheus_tsdb_head_min_time_seconds: minTime / 1000,
    prometheus_tsdb_head_max_time_seconds: maxTime / 1000,
    prometheus_tsdb_lowest_timestamp: minTime,
    prometheus_tsdb_lowest_timestamp_seconds: minTime / 1000,
  };
}

/** Returns the metrics of the write-ahead log, with Prometheus' names. */
export function walMetrics(wal: WalWriter, durability: Durability, compression: string): MetricTable {
  return {
    ...logMetrics("prometheus_tsdb_wal", wal, compression),
    prometheus_tsdb_wal_fsync_duration_seconds_sum: durability.seconds,
    prometheus_tsdb_wal_fsync_duration_seconds_count: wal.counters.fsyncs,
    narthex_tsdb_wal_loss_bound_seconds: durability.lossSeconds,
  };
}

/**
 * Returns the metrics of the log of out-of-order samples, with Prometheus' names. The log is synced together with the
 * write-ahead log.
 */
export function outOfOrderLogMetrics(log: OutOfOrderLog, compression: string): MetricTable {
  const { truncations, failedTruncations } = log;
  return {
    ...logMetrics("prometheus_tsdb_out_of_order_wbl", log.wal, compression),
    prometheus_tsdb_out_of_order_wbl_truncations_total: truncations,
    prometheus_tsdb_out_of_order_wbl_truncations_failed_total: failedTruncations,
  };
}

function logMetrics(prefix: string, wal: WalWriter, compression: string): MetricTable {
  const { counters } = wal;
  return {
    [`${prefix}_segment_current`]: wal.segment,
    [`${prefix}_storage_size_bytes`]: folderBytes(wal.dir, wal.files),
    [`${prefix}_page_flushes_total`]: counters.pageFlushes,
    [`${prefix}_completed_pages_total`]: counters.completedPages,
    [`${prefix}_writes_failed_total`]: counters.writesFailed,
    [`${prefix}_record_part_writes_total`]: counters.recordParts,
    [`${prefix}_record_parts_bytes_written_total`]: counters.recordPartBytes,
    [`${prefix}_record_bytes_saved_total{compression="${compression}"}`]: counters.bytesSaved,
  };
}

/** Returns the metrics of the database that belong neither to the head nor to the log, with Prometheus' names. */
export function databaseMetrics(stats: DatabaseStats): MetricTable {
  return {
    prometheus_tsdb_data_replay_duration_seconds: stats.replaySeconds,
    prometheus_tsdb_wal_corruptions_total: stats.corruptions,
    'prometheus_tsdb_wal_replay_unknown_refs_total{type="samples"}': stats.unknownReferences,
    prometheus_tsdb_clean_start: stats.cleanStart,
    prometheus_tsdb_checkpoint_creations_total: stats.checkpoints + stats.checkpointsFailed,
    prometheus_tsdb_checkpoint_creations_failed_total: stats.checkpointsFailed,
    prometheus_tsdb_checkpoint_deletions_total: stats.checkpointDeletions,
    prometheus_tsdb_checkpoint_deletions_failed_total: stats.checkpointDeletionsFailed,
    prometheus_tsdb_wal_truncations_total: stats.walTruncations,
    prometheus_tsdb_wal_truncations_failed_total: stats.failedTruncations,
    prometheus_tsdb_wal_truncate_duration_seconds_sum: stats.walTruncationSeconds,
    prometheus_tsdb_wal_truncate_duration_seconds_count: stats.walTruncations,
    prometheus_tsdb_head_chunks_storage_size_bytes: 0,
    prometheus_tsdb_mmap_chunks_total: 0,
    prometheus_tsdb_mmap_chunk_corruptions_total: 0,
    prometheus_tsdb_snapshot_replay_error_total: stats.snapshotFailed ? 1 : 0,
  };
}
