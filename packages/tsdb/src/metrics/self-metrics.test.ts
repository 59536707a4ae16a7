import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { commitRows, type NamedRow, timesBetween } from "../testing/sample-rows.ts";
import { onThisThread, openTestTsdb } from "../testing/test-tsdb.ts";
import type { MetricTable } from "./self-metrics.ts";

const HOUR = 3_600_000;
const START = 18 * HOUR * 20_000;

/** Returns the metrics that are not 0, except buckets and sizes. */
const counted = (table: MetricTable): MetricTable =>
  Object.fromEntries(
    Object.entries(table)
      .filter(([name, value]) => value !== 0 && !/_bucket\{|bytes/.test(name))
      .map(([name, value]) => [name.replace(/^prometheus_tsdb_/, ""), value]),
  );

test("the self metrics count what a database has done", async () => {
  const dir = temporaryFolder();
  const options = { files: onThisThread, outOfOrderTimeWindowMs: HOUR, retentionMs: 100 * HOUR, maxExemplars: 5 };
  const db = await openTestTsdb(dir, options);
  const at = (hours: number): number => START + hours * HOUR;
  await commitRows(
    db,
    timesBetween(START, at(2.5), HOUR / 4).map((time): NamedRow => ["a", time, 1]),
  );
  await commitRows(db, [
    ["a", at(2) + 1, 1],
    ["a", START, 1],
    ["b", at(2.5), 1],
    ["a", at(2.25), 5],
  ]);
  const app = db.appendable.appender();
  const histogram = app.series(Labels.of({ __name__: "h" }));
  for (const hours of [2.5, 2.4, 0]) app.appendHistogram(histogram, at(hours), histogramOf(2));
  for (const [series, timestamp] of [
    [histogram, at(2)],
    [histogram, at(1)],
    [1, at(2.5)],
  ] as const)
    app.appendExemplar(series, { labels: Labels.of({ id: "1" }), value: 3, timestamp });
  app.appendHistogram(1234, at(4), histogramOf(1));
  await app.commit();
  const open = db.appendable.appender();
  const before = {
    clean_start: -1,
    exemplar_exemplars_appended_total: 2,
    exemplar_exemplars_in_storage: 2,
    exemplar_last_exemplars_timestamp_seconds: at(2.5) / 1000,
    exemplar_max_exemplars: 5,
    exemplar_out_of_order_exemplars_total: 1,
    exemplar_series_with_exemplars_in_storage: 2,
    head_active_appenders: 1,
    head_chunks: 4,
    head_chunks_created_total: 4,
    head_max_time: at(2.5),
    head_max_time_seconds: at(2.5) / 1000,
    head_min_time: START,
    head_min_time_seconds: START / 1000,
    head_native_histogram_series: 1,
    'head_out_of_order_samples_appended_total{type="float"}': 1,
    'head_out_of_order_samples_appended_total{type="histogram"}': 1,
    'head_samples_appended_total{type="float"}': 12,
    'head_samples_appended_total{type="histogram"}': 2,
    head_series: 3,
    head_series_created_total: 3,
    isolation_high_watermark: 4,
    isolation_low_watermark: 4,
    lowest_timestamp: START,
    lowest_timestamp_seconds: START / 1000,
    narthex_tsdb_wal_loss_bound_seconds: 1,
    out_of_order_wbl_page_flushes_total: 2,
    out_of_order_wbl_record_part_writes_total: 2,
    reloads_total: 2,
    retention_limit_seconds: 360_000,
    'too_old_samples_total{type="float"}': 1,
    wal_page_flushes_total: 6,
    wal_record_part_writes_total: 7,
  };
  expect(counted(db.collect())).toEqual(before);
  open.rollback();
  await commitRows(db, [["c", at(4), 1]]);
  await db.maintain();
  expect(counted(db.collect())).toEqual({
    ...before,
    blocks_loaded: 2,
    compaction_chunk_range_seconds_count: 3,
    compaction_chunk_range_seconds_sum: 1.75 * HOUR,
    compaction_chunk_samples_count: 3,
    compaction_chunk_samples_sum: 10,
    compaction_duration_seconds_count: 2,
    compactions_total: 2,
    compactions_triggered_total: 1,
    head_active_appenders: undefined,
    head_chunks_created_total: 5,
    head_chunks_removed_total: 1,
    head_gc_duration_seconds_count: 1,
    head_max_time: at(4),
    head_max_time_seconds: at(4) / 1000,
    head_min_time: at(2),
    head_min_time_seconds: at(2) / 1000,
    'head_samples_appended_total{type="float"}': 13,
    head_series: 4,
    head_series_created_total: 4,
    head_truncations_total: 1,
    isolation_high_watermark: 5,
    isolation_low_watermark: 5,
    out_of_order_wbl_page_flushes_total: 4,
    out_of_order_wbl_record_part_writes_total: 3,
    out_of_order_wbl_segment_current: 1,
    out_of_order_wbl_truncations_total: 1,
    reloads_total: 5,
    wal_fsync_duration_seconds_count: 1,
    wal_page_flushes_total: 9,
    wal_record_part_writes_total: 9,
    wal_segment_current: 1,
    wal_truncate_duration_seconds_count: 1,
    wal_truncations_total: 1,
  });
});
