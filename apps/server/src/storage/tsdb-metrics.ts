import { type FamilySample, type MetricFamily, type MetricType, sample } from "@narthex/exposition";
import type { MetricTable } from "@narthex/tsdb";

/** Help text of each storage metric, without the prefix `prometheus_tsdb_`. */
const HELP: Readonly<Record<string, string>> = {
  blocks_loaded: "Blocks that queries read.",
  checkpoint_creations_failed_total: "Checkpoints of the write-ahead log that failed.",
  checkpoint_creations_total: "Checkpoints of the write-ahead log that were begun.",
  checkpoint_deletions_failed_total: "Deletions of old checkpoints that failed.",
  checkpoint_deletions_total: "Deletions of old checkpoints.",
  clean_start:
    "-1: the lock file is switched off. 0: one was left by an earlier process and replaced. 1: none was left.",
  compaction_chunk_range_seconds:
    "Time from the first to the last sample of chunks in blocks of the first level. (Milliseconds, whatever the name says.)",
  compaction_chunk_samples: "Samples of chunks in blocks of the first level.",
  compaction_chunk_size_bytes: "Size of chunks in blocks of the first level.",
  compaction_duration_seconds: "Time compactions took.",
  compaction_populating_block: "1 while a block is being written.",
  compactions_failed_total: "Compactions that failed.",
  compactions_skipped_total: "Compactions skipped because they are switched off.",
  compactions_total: "Compactions that ran.",
  compactions_triggered_total: "Requested compactions.",
  data_replay_duration_seconds: "Time the replay of the data folder took at the start.",
  exemplar_exemplars_appended_total: "Exemplars appended.",
  exemplar_exemplars_in_storage: "Exemplars kept.",
  exemplar_last_exemplars_timestamp_seconds: "Time of the oldest exemplar kept.",
  exemplar_max_exemplars: "Exemplars that can be kept.",
  exemplar_out_of_order_exemplars_total: "Exemplars refused for being out of order.",
  exemplar_series_with_exemplars_in_storage: "Series that have an exemplar.",
  head_active_appenders: "Transactions that are open.",
  head_chunks: "Chunks in the head.",
  head_chunks_created_total: "Chunks made in the head.",
  head_chunks_removed_total: "Chunks dropped from the head.",
  head_chunks_storage_size_bytes: "Size of the folder of the head's chunk files.",
  head_gc_duration_seconds: "Time the head's clean-ups took.",
  head_max_time: "Newest sample of the head, milliseconds since 1970.",
  head_max_time_seconds: "Newest sample of the head.",
  head_min_time: "Oldest sample of the head, milliseconds since 1970.",
  head_min_time_seconds: "Oldest sample of the head.",
  head_out_of_order_samples_appended_total: "Out-of-order samples appended.",
  head_samples_appended_total: "Samples appended.",
  head_series: "Series in the head.",
  head_series_created_total: "Series made in the head.",
  head_series_not_found_total: "Lookups of series that do not exist.",
  head_native_histogram_series: "Series in the head whose newest sample is a native histogram.",
  head_series_removed_total: "Series dropped from the head.",
  head_stale_series: "Series in the head whose newest sample is a stale marker.",
  head_truncations_failed_total: "Truncations of the head that failed.",
  head_truncations_total: "Truncations of the head.",
  isolation_high_watermark: "Number of the newest transaction.",
  isolation_low_watermark: "Number of the oldest open transaction, or of the newest transaction if none is open.",
  lowest_timestamp: "Oldest sample stored, milliseconds since 1970.",
  lowest_timestamp_seconds: "Oldest sample stored.",
  mmap_chunk_corruptions_total: "Damaged chunk files of the head.",
  mmap_chunks_total: "Chunks moved to chunk files.",
  out_of_bound_samples_total: "Samples refused for lying outside the accepted times.",
  out_of_order_samples_total: "Samples refused for being out of order.",
  out_of_order_wbl_completed_pages_total: "Pages of the log of out-of-order samples that were filled.",
  out_of_order_wbl_page_flushes_total: "Pages of the log of out-of-order samples that were written.",
  out_of_order_wbl_record_bytes_saved_total: "Bytes of the log of out-of-order samples saved by compression.",
  out_of_order_wbl_record_part_writes_total: "Parts of records written to the log of out-of-order samples.",
  out_of_order_wbl_record_parts_bytes_written_total:
    "Bytes of parts of records written to the log of out-of-order samples.",
  out_of_order_wbl_segment_current: "Segment of the log of out-of-order samples that is written now.",
  out_of_order_wbl_storage_size_bytes: "Size of the out-of-order log's folder.",
  out_of_order_wbl_truncations_failed_total: "Truncations of the log of out-of-order samples that failed.",
  out_of_order_wbl_truncations_total: "Truncations of the log of out-of-order samples.",
  out_of_order_wbl_writes_failed_total: "Writes to the log of out-of-order samples that failed.",
  reloads_failures_total: "Reloads of blocks that failed.",
  reloads_total: "Reloads of blocks.",
  retention_limit_bytes: "Bytes kept at most, 0 for no limit.",
  retention_limit_percentage: "Share of the disk kept at most, 0 for no limit.",
  retention_limit_seconds: "Time samples are kept.",
  size_retentions_total: "Clean-ups because the size limit was exceeded.",
  snapshot_replay_error_total: "Memory snapshots that could not be read.",
  stale_series_compaction_duration_seconds: "Time of moving stale series from the head to blocks.",
  stale_series_compactions_failed_total: "Compactions of stale series that failed.",
  stale_series_compactions_triggered_total: "Compactions of stale series that were begun.",
  storage_blocks_bytes: "Bytes of all blocks.",
  symbol_table_size_bytes: "Memory of the table of label names and values.",
  time_retentions_total: "Clean-ups because samples were older than the retention.",
  tombstone_cleanup_seconds: "Time of writing blocks anew without deleted samples.",
  too_old_samples_total: "Samples refused for being too old.",
  vertical_compactions_total: "Compactions of overlapping blocks.",
  wal_completed_pages_total: "Pages of the write-ahead log that were filled.",
  wal_corruptions_total: "Damages found in the write-ahead log.",
  wal_fsync_duration_seconds: "Duration of syncing the write-ahead log to the disk.",
  wal_page_flushes_total: "Pages of the write-ahead log that were written.",
  wal_record_bytes_saved_total: "Bytes of the write-ahead log saved by compression.",
  wal_record_part_writes_total: "Parts of records written to the write-ahead log.",
  wal_record_parts_bytes_written_total: "Bytes of parts of records written to the write-ahead log.",
  wal_replay_unknown_refs_total: "Samples of the write-ahead log whose series was not in it.",
  wal_segment_current: "Segment of the write-ahead log that is written now.",
  wal_storage_size_bytes: "Size of the write-ahead log's folder.",
  wal_truncate_duration_seconds: "Time of truncating the write-ahead log.",
  wal_truncations_failed_total: "Truncations of the write-ahead log that failed.",
  wal_truncations_total: "Truncations of the write-ahead log.",
  wal_writes_failed_total: "Writes to the write-ahead log that failed.",
  prometheus_agent_active_series: "Series that the agent follows.",
  prometheus_agent_checkpoint_creations_failed_total: "Checkpoints of the agent's log that failed.",
  prometheus_agent_checkpoint_creations_total: "Checkpoints of the agent's log that were begun.",
  prometheus_agent_checkpoint_deletions_failed_total: "Deletions of old checkpoints that failed.",
  prometheus_agent_checkpoint_deletions_total: "Deletions of old checkpoints.",
  prometheus_agent_clean_start:
    "-1: the lock file is switched off. 0: one was left by an earlier process and replaced. 1: none was left.",
  prometheus_agent_corruptions_total: "Damages found in the agent's log.",
  prometheus_agent_data_replay_duration_seconds: "Time the replay of the agent's folder took at the start.",
  prometheus_agent_deleted_series: "Series that are dropped once the log holds none of their samples.",
  prometheus_agent_exemplars_appended_total: "Exemplars appended to the agent's log.",
  prometheus_agent_out_of_order_samples_total: "Samples that were out of order.",
  prometheus_agent_samples_appended_total: "Samples appended to the agent's log.",
  prometheus_agent_truncate_duration_seconds: "Time of truncating the agent's log.",
  narthex_tsdb_blocks_damaged: "Blocks that could not be read since the start: their samples are missing from answers.",
  narthex_tsdb_blocks_set_aside: "Damaged blocks in the folder where they were set aside.",
  narthex_tsdb_cold_blocks: "Blocks of the cold tier.",
  narthex_tsdb_cold_blocks_bytes: "Bytes of the blocks of the cold tier.",
  narthex_tsdb_downsampled_blocks: "Blocks of downsampled samples.",
  narthex_tsdb_downsampled_blocks_bytes: "Bytes of the blocks of downsampled samples.",
  narthex_tsdb_head_chunks_recovered_total:
    "Head chunks whose file could not be read and whose samples were taken from the write-ahead log.",
  narthex_tsdb_head_samples_refused_total:
    "Samples that were refused because the head, or the memory of their series, was full.",
  narthex_tsdb_head_series_refused_total: "New series that were refused, by the resource that the head had used up.",
  narthex_tsdb_head_slab_bytes:
    "Largest amount of memory for chunks, labels and postings of the head that was ever needed at the same time.",
  narthex_tsdb_head_slab_used_bytes: "Bytes of that memory that are in use.",
  narthex_tsdb_wal_loss_bound_seconds:
    "Seconds before a crash of the machine whose acknowledged writes may be lost: 0 with --storage.tsdb.wal-fsync=always, +Inf with never.",
};

const PREFIX = "prometheus_tsdb_";

export function tsdbFamilies(table: MetricTable): MetricFamily[] {
  const families = new Map<string, { type: MetricType; samples: FamilySample[] }>();
  for (const [key, value] of Object.entries(table)) {
    const [, name, label, text] = /^([^{]+)(?:\{(\w+)="([^"]*)"\})?$/.exec(key) as unknown as [
      string,
      string,
      string?,
      string?,
    ];
    const timer = /^(.*)(_bucket|_sum|_count)$/.exec(name);
    const family = timer?.[1] ?? name;
    const known = families.get(family) ?? {
      type: timer ? (timer[2] === "_bucket" ? "histogram" : "summary") : name.endsWith("_total") ? "counter" : "gauge",
      samples: [],
    };
    families.set(family, known);
    const labels = label === undefined ? [] : [label, text!];
    known.samples.push(timer ? { suffix: timer[2]!, labels, value } : sample(value, labels));
  }
  return [...families].map(([name, { type, samples }]) => ({
    name,
    type,
    samples,
    help: HELP[name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name] ?? "A metric of the storage.",
  }));
}
