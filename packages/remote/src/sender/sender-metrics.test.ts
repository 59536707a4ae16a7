import { parseRemoteWrite } from "@narthex/config";
import { expect, test } from "vitest";
import { QueueStats } from "./queue/queue-stats.ts";
import { senderFamilies } from "./sender-metrics.ts";

const APPENDED = { floats: 1, histograms: 2, exemplars: 3, highestSeconds: 9 };

/** Returns the metrics as lines with their types. The common prefix of the names is removed. */
const linesOf = (families: ReturnType<typeof senderFamilies>): string[] =>
  families.flatMap(({ name, type, samples }) =>
    samples.map(({ suffix, labels, value }) =>
      `${type} ${name}${suffix} ${labels.join(" ")} ${value}`.replace("prometheus_remote_storage_", ""),
    ),
  );

test("without destinations there are only the metrics of appended entries", () => {
  expect(linesOf(senderFamilies(APPENDED, 4, []))).toEqual([
    "counter samples_in_total  1",
    "counter exemplars_in_total  3",
    "counter histograms_in_total  2",
    "gauge highest_timestamp_in_seconds  4",
    "counter string_interner_zero_reference_releases_total  0",
  ]);
});

test("each destination has metrics of its counters and settings, and series only for reasons and kinds of records that occurred", () => {
  const stats = new QueueStats();
  for (const seconds of [0.005, 0.006, 300, 301]) stats.observeSeconds(seconds);
  stats.set("samplesSent", 5);
  stats.add("samplesSent", 2);
  stats.set("shards", 6);
  stats.set("currentSegment", 11);
  stats.set("decodeFailures", 12);
  stats.set("histogramsOfCustomBuckets", 13);
  stats.set("exemplarsTooOld", 14);
  stats.set("unknownRecords", 15);
  const { queue } = parseRemoteWrite('{url: "http://a", queue_config: {capacity: 70, max_shards: 8}}', "utf8");
  const lines = linesOf(senderFamilies(APPENDED, 4, [{ name: "n", url: "u", config: queue, stats }]));
  const own = lines.slice(5).filter((line) => !line.endsWith(" 0"));
  const bucket = (le: string, count: number): string =>
    `histogram sent_batch_duration_seconds_bucket remote_name n url u le ${le} ${count}`;
  const between = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120];
  expect(own).toEqual([
    "gauge prometheus_wal_watcher_current_segment consumer n 11",
    "counter prometheus_wal_watcher_record_decode_failures_total consumer n 12",
    "counter prometheus_wal_watcher_records_read_total consumer n type unknown 15",
    "counter samples_total remote_name n url u 7",
    "gauge shards remote_name n url u 6",
    "gauge shard_capacity remote_name n url u 70",
    "gauge shards_max remote_name n url u 8",
    "gauge shards_min remote_name n url u 1",
    "gauge max_samples_per_send remote_name n url u 2000",
    "counter exemplars_dropped_total reason too_old remote_name n url u 14",
    "counter histograms_dropped_total reason nhcb_in_rw1_not_supported remote_name n url u 13",
    bucket("0.005", 1),
    ...between.map((le) => bucket(String(le), 2)),
    bucket("300", 3),
    bucket("+Inf", 4),
    "histogram sent_batch_duration_seconds_sum remote_name n url u 601.011",
    "histogram sent_batch_duration_seconds_count remote_name n url u 4",
  ]);
  expect(lines).toHaveLength(5 + own.length + 21);
});
