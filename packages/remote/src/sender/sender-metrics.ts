import type { RemoteQueueConfig } from "@narthex/config";
import type { FamilySample, MetricFamily } from "@narthex/exposition";
import { formatFloat } from "@narthex/model";
import { DURATION_BOUNDS, type QueueNumber, type QueueStats } from "./queue/queue-stats.ts";

/** Number of entries that were appended since the start, and the time of the newest sample in seconds. */
export interface AppendedTotals {
  readonly floats: number;
  readonly histograms: number;
  readonly exemplars: number;
  readonly highestSeconds: number;
}

/** The data of a queue that the metrics of remote write show. */
export interface ShownQueue {
  readonly name: string;
  readonly url: string;
  readonly config: RemoteQueueConfig;
  readonly stats: QueueStats;
}

const PREFIX = "prometheus_remote_storage_";

/** Metrics of each queue, with name (without the prefix), counter, and help text. */
const NUMBERS: readonly (readonly [string, QueueNumber, string])[] = [
  ["samples_total", "samplesSent", "Total number of samples sent to remote storage."],
  ["exemplars_total", "exemplarsSent", "Total number of exemplars sent to remote storage."],
  ["histograms_total", "histogramsSent", "Total number of histograms sent to remote storage."],
  ["metadata_total", "metadataSent", "Total number of metadata entries sent to remote storage."],
  [
    "samples_failed_total",
    "samplesFailed",
    "Total number of samples which failed on send to remote storage, non-recoverable errors.",
  ],
  [
    "exemplars_failed_total",
    "exemplarsFailed",
    "Total number of exemplars which failed on send to remote storage, non-recoverable errors.",
  ],
  [
    "histograms_failed_total",
    "histogramsFailed",
    "Total number of histograms which failed on send to remote storage, non-recoverable errors.",
  ],
  [
    "metadata_failed_total",
    "metadataFailed",
    "Total number of metadata entries which failed on send to remote storage, non-recoverable errors.",
  ],
  [
    "samples_retried_total",
    "samplesRetried",
    "Total number of samples which failed on send to remote storage but were retried because the send error was recoverable.",
  ],
  [
    "exemplars_retried_total",
    "exemplarsRetried",
    "Total number of exemplars which failed on send to remote storage but were retried because the send error was recoverable.",
  ],
  [
    "histograms_retried_total",
    "histogramsRetried",
    "Total number of histograms which failed on send to remote storage but were retried because the send error was recoverable.",
  ],
  [
    "metadata_retried_total",
    "metadataRetried",
    "Total number of metadata entries which failed on send to remote storage but were retried because the send error was recoverable.",
  ],
  [
    "samples_pending",
    "samplesPending",
    "The number of samples pending in the queues shards to be sent to the remote storage.",
  ],
  [
    "exemplars_pending",
    "exemplarsPending",
    "The number of exemplars pending in the queues shards to be sent to the remote storage.",
  ],
  [
    "histograms_pending",
    "histogramsPending",
    "The number of histograms pending in the queues shards to be sent to the remote storage.",
  ],
  [
    "enqueue_retries_total",
    "enqueueRetries",
    "Total number of times enqueue has failed because a shards queue was full.",
  ],
  ["shards", "shards", "The number of shards used for parallel sending to the remote storage."],
  [
    "shards_desired",
    "shardsDesired",
    "The number of shards that the queues shard calculation wants to run based on the rate of samples in vs. samples out.",
  ],
  [
    "queue_highest_sent_timestamp_seconds",
    "highestSentSeconds",
    "Timestamp from a WAL sample, the highest timestamp successfully sent by this queue, in seconds since epoch. Initialized to 0 when no data has been sent yet.",
  ],
  [
    "bytes_total",
    "bytesSent",
    "The total number of bytes of data (not metadata) sent by the queue after compression. Note that when exemplars over remote write is enabled the exemplars included in a remote write request count towards this metric.",
  ],
  [
    "metadata_bytes_total",
    "metadataBytesSent",
    "The total number of bytes of metadata sent by the queue after compression.",
  ],
];

const SETTINGS: readonly (readonly [string, keyof RemoteQueueConfig, string])[] = [
  [
    "shard_capacity",
    "capacity",
    "The capacity of each shard of the queue used for parallel sending to the remote storage.",
  ],
  ["shards_max", "maxShards", "The maximum number of shards that the queue is allowed to run."],
  ["shards_min", "minShards", "The minimum number of shards that the queue is allowed to run."],
  [
    "max_samples_per_send",
    "maxSamplesPerSend",
    "The maximum number of samples to be sent, in a single request, to the remote storage. Note that, when sending of exemplars over remote write is enabled, exemplars count towards this limt.",
  ],
];

/** Reasons for dropped entries, by kind of entry. */
const DROPS: readonly (readonly [string, readonly (readonly [string, QueueNumber])[]])[] = [
  [
    "samples",
    [
      ["dropped_series", "samplesOfDroppedSeries"],
      ["too_old", "samplesTooOld"],
      ["unintentionally_dropped_series", "samplesOfUnknownSeries"],
    ],
  ],
  [
    "exemplars",
    [
      ["dropped_series", "exemplarsOfDroppedSeries"],
      ["too_old", "exemplarsTooOld"],
      ["unintentionally_dropped_series", "exemplarsOfUnknownSeries"],
    ],
  ],
  [
    "histograms",
    [
      ["dropped_series", "histogramsOfDroppedSeries"],
      ["nhcb_in_rw1_not_supported", "histogramsOfCustomBuckets"],
      ["too_old", "histogramsTooOld"],
      ["unintentionally_dropped_series", "histogramsOfUnknownSeries"],
    ],
  ],
];

const RECORDS: readonly (readonly [string, QueueNumber])[] = [
  ["series", "seriesRecords"],
  ["samples", "sampleRecords"],
  ["tombstones", "tombstoneRecords"],
  ["exemplars", "exemplarRecords"],
  ["mmapmarkers", "markerRecords"],
  ["metadata", "metadataRecords"],
  ["histogram_samples", "histogramRecords"],
  ["float_histogram_samples", "floatHistogramRecords"],
  ["custom_buckets_histogram_samples", "customHistogramRecords"],
  ["custom_buckets_float_histogram_samples", "customFloatHistogramRecords"],
  ["unknown", "unknownRecords"],
];

const typeOf = (name: string): "counter" | "gauge" => (name.endsWith("_total") ? "counter" : "gauge");

/** Returns the metrics of remote write. Metrics about queues are present only if there are queues. */
export function senderFamilies(
  appended: AppendedTotals,
  highestSeconds: number,
  queues: readonly ShownQueue[],
): MetricFamily[] {
  const families = [...totals(appended, highestSeconds), ...watcherFamilies(queues)];
  for (const [name, number, help] of NUMBERS) {
    families.push(perQueue(name, help, queues, ({ stats }) => stats.get(number)));
  }
  for (const [name, setting, help] of SETTINGS) {
    families.push(perQueue(name, help, queues, ({ config }) => Number(config[setting])));
  }
  for (const [what, reasons] of DROPS) families.push(dropped(what, reasons, queues));
  families.push(durations(queues));
  return families.filter(({ samples }) => samples.length > 0);
}

function totals({ floats, histograms, exemplars }: AppendedTotals, highestSeconds: number): MetricFamily[] {
  const one = (name: string, value: number, help: string): MetricFamily => ({
    name: `${PREFIX}${name}`,
    help,
    type: typeOf(name),
    samples: [{ suffix: "", labels: [], value }],
  });
  return [
    one("samples_in_total", floats, "Samples in to remote storage, compare to samples out for queue managers."),
    one(
      "exemplars_in_total",
      exemplars,
      "Exemplars in to remote storage, compare to exemplars out for queue managers.",
    ),
    one(
      "histograms_in_total",
      histograms,
      "HistogramSamples in to remote storage, compare to histograms out for queue managers.",
    ),
    one(
      "highest_timestamp_in_seconds",
      highestSeconds,
      "Highest timestamp that has come into the remote storage via the Appender interface, in seconds since epoch. Initialized to 0 when no data has been received yet.",
    ),
    // Metric about references to names and values. The value is always 0, because Narthex does not count them.
    one(
      "string_interner_zero_reference_releases_total",
      0,
      "The number of times release has been called for strings that are not interned.",
    ),
  ];
}

function perQueue(
  name: string,
  help: string,
  queues: readonly ShownQueue[],
  value: (queue: ShownQueue) => number,
): MetricFamily {
  const samples = queues.map((queue) => ({ suffix: "", labels: labelsOf(queue), value: value(queue) }));
  return { name: `${PREFIX}${name}`, help, type: typeOf(name), samples };
}

const labelsOf = ({ name, url }: ShownQueue): readonly string[] => ["remote_name", name, "url", url];

/** Returns the metric of dropped entries. A reason without dropped entries is omitted. */
function dropped(
  what: string,
  reasons: readonly (readonly [string, QueueNumber])[],
  queues: readonly ShownQueue[],
): MetricFamily {
  const samples = queues.flatMap((queue) =>
    reasons.flatMap(([reason, number]): FamilySample[] => {
      const value = queue.stats.get(number);
      if (value === 0) return [];
      return [{ suffix: "", labels: ["reason", reason, ...labelsOf(queue)], value }];
    }),
  );
  return {
    name: `${PREFIX}${what}_dropped_total`,
    help: `Total number of ${what} which were dropped after being read from the WAL before being sent via remote write, either via relabelling, due to being too old or unintentionally because of an unknown reference ID.`,
    type: "counter",
    samples,
  };
}

function durations(queues: readonly ShownQueue[]): MetricFamily {
  const samples = queues.flatMap((queue) => {
    const labels = labelsOf(queue);
    const counts = queue.stats.durations;
    let sum = 0;
    const buckets = [...DURATION_BOUNDS, Infinity].map((bound, i): FamilySample => {
      sum += counts[i]!;
      const le = bound === Infinity ? "+Inf" : formatFloat(bound);
      return { suffix: "_bucket", labels: [...labels, "le", le], value: sum };
    });
    return [
      ...buckets,
      { suffix: "_sum", labels, value: queue.stats.get("batchSecondsSum") },
      { suffix: "_count", labels, value: sum },
    ];
  });
  return {
    name: `${PREFIX}sent_batch_duration_seconds`,
    help: "Duration of send calls to the remote storage.",
    type: "histogram",
    samples,
  };
}

function watcherFamilies(queues: readonly ShownQueue[]): MetricFamily[] {
  const family = (name: string, help: string, value: (stats: QueueStats) => number): MetricFamily => ({
    name: `prometheus_wal_watcher_${name}`,
    help,
    type: typeOf(name),
    samples: queues.map((queue) => ({ suffix: "", labels: ["consumer", queue.name], value: value(queue.stats) })),
  });
  const records = queues.flatMap(({ name, stats }) =>
    RECORDS.flatMap(([type, number]): FamilySample[] => {
      const value = stats.get(number);
      return value === 0 ? [] : [{ suffix: "", labels: ["consumer", name, "type", type], value }];
    }),
  );
  return [
    family("current_segment", "Current segment the WAL watcher is reading records from.", (stats) =>
      stats.get("currentSegment"),
    ),
    family(
      "notifications_skipped_total",
      "The number of WAL write notifications that the Watcher has skipped due to already being in a WAL read routine.",
      () => 0,
    ),
    family(
      "record_decode_failures_total",
      "Number of records read by the WAL watcher that resulted in an error when decoding.",
      (stats) => stats.get("decodeFailures"),
    ),
    family(
      // Counter that exists in Prometheus, too, but that Prometheus never increases.
      "samples_sent_pre_tailing_total",
      "Number of sample records read by the WAL watcher and sent to remote write during replay of existing WAL.",
      () => 0,
    ),
    {
      name: "prometheus_wal_watcher_records_read_total",
      help: "Number of records read by the WAL watcher from the WAL.",
      type: "counter",
      samples: records,
    },
  ];
}
