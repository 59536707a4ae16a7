import { formatByteSize, parseByteSize } from "@narthex/config";
import { formatDuration, parseDuration } from "@narthex/model";
import { type Flag, FlagError, flagKinds, type FlagValues } from "@narthex/runtime";
import { shownUrl } from "./rule-urls/pinned-url.ts";

const { flag, integer, list, logFormat, logLevel, number, parsed, text } = flagKinds;

type Extras = Pick<Flag<unknown>, "hidden" | "short">;

const duration = (fallbackMs: number, help: string, extras?: Extras): Flag<number> =>
  parsed(fallbackMs, parseDuration, formatDuration, help, extras);

/** Defines a flag for a duration, which is undefined if the flag is not set. */
const optionalDuration = (help: string, extras?: Extras): Flag<number | undefined> =>
  parsed<number | undefined>(
    undefined,
    parseDuration,
    (ms) => (ms === undefined ? "0s" : formatDuration(ms)),
    help,
    extras,
  );

const byteSize = (fallback: number, help: string): Flag<number> => parsed(fallback, sizeInBytes, formatByteSize, help);

const optionalSize = (help: string, extras?: Extras): Flag<number | undefined> =>
  parsed<number | undefined>(
    undefined,
    sizeInBytes,
    (bytes) => (bytes === undefined ? "0B" : formatByteSize(bytes)),
    help,
    extras,
  );

/** Defines a flag for a count from 0 to `most`, which is undefined if the flag is not set. */
const optionalCount = (most: number, help: string): Flag<number | undefined> =>
  parsed<number | undefined>(
    undefined,
    (text) => countOf(text, most),
    (count) => (count === undefined ? "" : String(count)),
    help,
  );

function countOf(text: string, most: number): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > most)
    throw new FlagError(`expected a whole number from 0 to ${most}, got "${text}"`);
  return count;
}

/**
 * Maximum number of threads that run queries. The storage has slots for 248 reading threads, some of which are needed
 * for replacements of hung threads and for the compactor.
 */
const MAX_QUERY_THREADS = 128;

function sizeInBytes(size: string): number {
  const bytes = parseByteSize(size);
  if (typeof bytes === "string") throw new FlagError(bytes);
  return bytes;
}

const NO_OP = { hidden: true } as const;

/**
 * All flags of Prometheus 3.14 with their defaults, and flags of Narthex. The docs page and /api/v1/status/flags are
 * generated from this table.
 */
export const flags = {
  "config.file": text("prometheus.yml", "Prometheus configuration file path."),
  "config.auto-reload": flag(
    false,
    "Reload the configuration when its file, a rule file or a scrape config file changes.",
  ),
  "config.auto-reload-interval": duration(30_000, "How often to look for changes of the configuration files."),
  "web.listen-address": list(["0.0.0.0:9090"], "Address to listen on for UI, API and telemetry. Can be repeated."),
  "auto-gomaxprocs": flag(true, "Accepted for compatibility; Node uses all cores it is given."),
  "auto-gomemlimit": flag(true, "Accepted for compatibility; Node reads the container's memory limit itself."),
  "auto-gomemlimit.ratio": number(0.9, "Accepted for compatibility."),
  "auto-gomemlimit.refresh-interval": duration(0, "Accepted for compatibility."),
  "web.config.file": text("", "Path to a file that enables TLS or authentication."),
  "web.sign-in-url": text(
    "",
    "Address of narthex dashboards, whose people and tokens may pass, each with the scopes of its role: http://dashboards:3000. All other requests are refused, except those of users in --web.config.file. (Narthex only.)",
  ),
  "web.read-timeout": duration(
    300_000,
    "Maximum duration before timing out read of the request, and closing idle connections.",
  ),
  "web.max-connections": integer(512, "Maximum number of simultaneous connections across all listeners."),
  "web.max-notifications-subscribers": integer(
    16,
    "Maximum number of clients that receive live notifications at once.",
  ),
  "web.external-url": text(
    "",
    "The URL under which the server is reachable from outside, used for links back to it. A path in it becomes the prefix of all HTTP endpoints.",
  ),
  "web.route-prefix": text(
    "",
    "Prefix for the internal routes of web endpoints. Defaults to the path of --web.external-url.",
  ),
  "web.user-assets": text("", "Folder of static assets, served at /user."),
  "web.enable-lifecycle": flag(false, "Enable shutdown and reload by HTTP request."),
  "web.enable-admin-api": flag(false, "Enable API endpoints for admin control actions."),
  "web.enable-backtest": flag(
    false,
    "Enable the API endpoint that evaluates rules of a client over stored samples. (Narthex only.)",
  ),
  "web.enable-own-metrics": flag(false, "Show Narthex' own series (narthex_*) on /metrics. (Narthex only.)"),
  "web.enable-mcp": flag(
    false,
    "Enable the endpoint /mcp of the Model Context Protocol, through which assistants read queries, alerts and rules. (Narthex only.)",
  ),
  "web.enable-remote-write-receiver": flag(false, "Enable the API endpoint that accepts remote write requests."),
  "web.remote-write-receiver.accepted-protobuf-messages": list(
    ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"],
    "Protobuf messages the remote write receiver accepts. Can be repeated, or a list with commas.",
  ),
  "web.remote-write-receiver.zstd": flag(
    false,
    "Let the remote write receiver also accept zstd messages, as VictoriaMetrics' agents send them. (Narthex only.)",
  ),
  "web.enable-otlp-receiver": flag(false, "Enable the API endpoint that accepts OTLP writes."),
  "web.console.templates": text("consoles", "Path to the console template folder, available at /consoles."),
  "web.console.libraries": text("console_libraries", "Path to the console library folder."),
  "web.page-title": text("Prometheus Time Series Collection and Processing Server", "Document title of the UI."),
  "web.cors.origin": text(".*", "Regular expression for the CORS origin; it is fully anchored."),
  "web.search.max-limit": integer(
    10_000,
    "Maximum number of results of one search request, with --enable-feature=search-api; 0 for no limit.",
  ),
  "storage.tsdb.path": text("data/", "Base path for metrics storage."),
  "storage.tsdb.retention.time": optionalDuration(
    "How long to keep samples. 15d when neither this nor the size is set.",
  ),
  "storage.tsdb.retention.size": optionalSize("Maximum number of bytes of stored blocks."),
  "storage.tsdb.cold-after": optionalDuration(
    "Rewrite blocks that end this long before the newest one, and are not merged any more, to a smaller format in the folder cold, which Prometheus cannot read. Never when not set. (Narthex only.)",
  ),
  "storage.tsdb.no-lockfile": flag(false, "Do not create a lock file in the data folder."),
  "storage.tsdb.head-chunks-write-queue-size": integer(0, "Accepted for compatibility."),
  "storage.tsdb.delay-compact-file.path": text(
    "",
    "Path of a JSON file that lists uploaded blocks, such as the Thanos sidecar's. Blocks cut from the head are merged only once they are in it.",
  ),
  "storage.tsdb.min-block-duration": duration(7_200_000, "Minimum duration of a block.", NO_OP),
  "storage.tsdb.max-block-duration": optionalDuration("Maximum duration of a block.", NO_OP),
  "storage.tsdb.max-block-chunk-segment-size": optionalSize(
    "Maximum size of a chunk segment of a block, at least 1MB. 512MB when not set.",
    NO_OP,
  ),
  "storage.tsdb.wal-segment-size": optionalSize("Size of a segment of the write-ahead log, 10MB to 256MB.", NO_OP),
  "storage.tsdb.wal-compression": flag(true, "Compress the write-ahead log.", NO_OP),
  "storage.tsdb.wal-compression-type": flagKinds.choice(
    "snappy",
    ["snappy", "zstd"],
    "Compression of the write-ahead log.",
    NO_OP,
  ),
  "storage.tsdb.wal-fsync": flagKinds.choice(
    "interval",
    ["never", "interval", "always"],
    "When the write-ahead log is synced to the disk: never, each second, or before a write is acknowledged. (Narthex only.)",
  ),
  "storage.tsdb.memory-snapshot-interval": duration(
    600_000,
    "Interval of snapshots of the head (earlier if the log has grown much, later while the log is short), so that a start replays only later samples. 0 never. (Narthex only.)",
  ),
  "storage.tsdb.samples-per-chunk": integer(120, "Accepted for compatibility; a chunk holds about 120 samples.", NO_OP),
  "storage.tsdb.allow-overlapping-compaction": flag(true, "Allow compaction of overlapping blocks.", NO_OP),
  "storage.tsdb.delayed-compaction.max-percent": integer(
    10,
    "Upper limit of the random delay of compactions, in percent of the minimum duration of a block; with --enable-feature=delayed-compaction.",
    NO_OP,
  ),
  "storage.tsdb.block-reload-interval": duration(60_000, "How often to look for changed blocks.", NO_OP),
  "scrape.adjust-timestamps": flag(true, "Align scrape timestamps to the schedule.", NO_OP),
  "scrape.timestamp-tolerance": duration(2, "How far a scrape may be off its schedule to be aligned.", NO_OP),
  "scrape.discovery-reload-interval": duration(5000, "How often scrape pools take new targets.", NO_OP),
  "scrape.max-body-memory": optionalSize(
    "Maximum memory of all long bodies from targets: for each body its received bytes beyond 8MB. If the memory is full, the longest body fails. 256MB when not set. (Narthex only.)",
  ),
  "storage.agent.path": text("data-agent/", "Base path for metrics storage in agent mode."),
  "storage.agent.wal-segment-size": optionalSize("Size of a segment of the agent's log.", NO_OP),
  "storage.agent.wal-compression": flag(true, "Compress the agent's log.", NO_OP),
  "storage.agent.wal-compression-type": flagKinds.choice(
    "snappy",
    ["snappy", "zstd"],
    "Compression of the agent's log.",
    NO_OP,
  ),
  "storage.agent.wal-truncate-frequency": optionalDuration("How often to truncate the agent's log.", NO_OP),
  "storage.agent.retention.min-time": optionalDuration("Minimum age of samples dropped from the agent's log."),
  "storage.agent.retention.max-time": optionalDuration("Maximum age of samples in the agent's log."),
  "storage.agent.no-lockfile": flag(false, "Do not create a lock file in the agent's folder."),
  "storage.agent.checkpoint-from-in-memory-series": flag(
    false,
    "Accepted for compatibility; a thread of its own writes the agent's checkpoints from the log.",
  ),
  "storage.agent.checkpoint-batch-size": integer(1000, "Accepted for compatibility."),
  "storage.remote.flush-deadline": duration(60_000, "How long to wait for flushing samples on shutdown or reload."),
  "storage.remote.read-sample-limit": integer(
    50_000_000,
    "Maximum number of samples of one query of a remote read; 0: no limit. Streamed answers have none.",
  ),
  "storage.remote.read-concurrent-limit": integer(10, "Maximum number of remote reads at once; 0: no limit."),
  "storage.remote.read-max-bytes-in-frame": integer(
    1_048_576,
    "Maximum number of bytes in a frame of a streamed remote read.",
  ),
  "rules.alert.for-outage-tolerance": duration(
    3_600_000,
    "Maximum outage for which the `for` state of alerts is restored.",
  ),
  "rules.alert.for-grace-period": duration(600_000, "Minimum time between an alert's restored state and its firing."),
  "rules.alert.resend-delay": duration(60_000, "Minimum time to wait before resending an alert to Alertmanager."),
  "rules.max-concurrent-evals": integer(
    4,
    "Global limit of rules that run at once, with --enable-feature=concurrent-rule-eval.",
  ),
  "rules.slo-files": list(
    [],
    "Files of service level objectives, whose recording rules and alerts are evaluated: objectives of Narthex, Sloth, Pyrra or OpenSLO. A pattern with * selects several files. Can be repeated. (Narthex only.)",
  ),
  "rules.behaviour-files": list(
    [],
    "Files that say what alerts do without data, when they recover, and how often they may change. A pattern with * selects several files. Can be repeated. (Narthex only.)",
  ),
  "rules.lint-policy": text(
    "",
    "YAML file with the severity of each check of the button Check rules, and with labels and annotations that rules must have. (Narthex only.)",
  ),
  "rules.api.path": text(
    "",
    "Folder of the rule groups that clients change by the rules API of Mimir and Cortex, and on the page Edit rules. Without it the API is off. (Narthex only.)",
  ),
  "rules.url": {
    ...list(
      [],
      "Address of a rule file with its checksum: http://HOST/PATH#sha256=HEX. The file is used only with this checksum, and kept for restarts. Can be repeated. (Narthex only.)",
    ),
    print: (urls: readonly string[]) => urls.map(shownUrl).join(","),
  },
  "rules.url-refresh-interval": duration(
    3_600_000,
    "How often to read the files of --rules.url again. (Narthex only.)",
  ),
  "alertmanager.notification-queue-capacity": integer(
    10_000,
    "Capacity of the queue of pending Alertmanager notifications.",
  ),
  "alertmanager.notification-batch-size": integer(256, "Maximum number of alerts sent to Alertmanager in one request."),
  "alertmanager.drain-notification-queue-on-shutdown": flag(
    true,
    "Send what is queued for Alertmanager before the shutdown ends.",
  ),
  "query.lookback-delta": duration(300_000, "Longest time a query looks back for a sample."),
  "query.timeout": duration(120_000, "Maximum time a query may take before being aborted."),
  "query.max-concurrency": integer(20, "Maximum number of queries that run at once."),
  "query.max-samples": integer(50_000_000, "Maximum number of samples one query can load into memory."),
  "query.max-bytes": optionalSize(
    "Maximum memory of one query, and of the objects of a query thread. When not set, the limit of all queries, for objects at most 1GB. (Narthex only.)",
  ),
  "query.max-memory": optionalSize(
    "Maximum memory of all queries and of answers that clients have not read yet; an eighth of it is reserved for rules. When not set, a quarter of the memory of the machine or container, or 256MB if that is more but at most a half. (Narthex only.)",
  ),
  "query.threads": optionalCount(
    MAX_QUERY_THREADS,
    `Threads for queries of users and rules, in addition to the main thread: 0 to ${MAX_QUERY_THREADS}. With 0 the main thread runs all queries. When not set, the number of cores, at most 4. (Narthex only.)`,
  ),
  "query.result-cache-size": byteSize(
    0,
    "Memory for results of range queries, for example 32MB: a later query with the same steps evaluates only new steps. At most a sixteenth of --query.max-memory. 0 turns it off. (Narthex only.)",
  ),
  "query.record-usage": flag(
    false,
    "Record which metrics queries use, for /api/v1/narthex/metric-usage. (Narthex only.)",
  ),
  "query.usage-dashboards": list(
    [],
    "Folder of dashboards (*.json, including subfolders) whose metrics count as used. Can be repeated. (Narthex only.)",
  ),
  "enable-feature": list([], "Comma-separated names of features to enable. Can be repeated."),
  agent: flag(
    false,
    "Run as an agent, which sends what it scrapes and receives to other servers and answers no queries.",
  ),
  "log.level": logLevel,
  "log.format": logFormat,
};

export type ServerFlags = FlagValues<typeof flags>;
