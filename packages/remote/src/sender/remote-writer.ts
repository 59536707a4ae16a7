import { hash } from "node:crypto";
import {
  type PrometheusConfig,
  printRemoteWrite,
  redactUrl,
  remoteWriteIdentity,
  type RemoteWriteConfig,
} from "@narthex/config";
import type { MetricFamily } from "@narthex/exposition";
import type { DialCounts } from "@narthex/http";
import type { Clock, InternalErrors, Logger, PreparedChange } from "@narthex/runtime";
import { openSqlite, type Store } from "@narthex/store";
import type { LogEnd, SentLog, SharedLogEnd } from "@narthex/tsdb";
import { KeptPositions, POSITIONS } from "./position/kept-positions.ts";
import { AppendedStats, QueueStats } from "./queue/queue-stats.ts";
import { signerOf } from "./client/request-signing.ts";
import { type AppendedTotals, senderFamilies } from "./sender-metrics.ts";
import type { MetadataRow, PostedQueue } from "./thread/sender-messages.ts";
import { SenderThread } from "./thread/sender-thread.ts";
import { WriteClient } from "./client/write-client.ts";

export interface RemoteWriterOptions {
  /** Folder of the write-ahead log. */
  readonly dir: string;
  /** Database file with the positions up to which the write-ahead log was sent. */
  readonly positionsFile: string;
  /** Returns the current end of the write-ahead log. */
  readonly logEnd: () => LogEnd;
  /**
   * Returns the shared memory that contains the end of the write-ahead log. The sending thread reads up to this end.
   */
  readonly sharedLogEnd: () => SharedLogEnd;
  /** Returns how many entries were appended since the start. */
  readonly appended: () => AppendedTotals;
  /** Returns types and help texts of the metrics that scraped targets currently have. */
  readonly metadata: () => readonly MetadataRow[];
  readonly flushMs: number;
  readonly internalErrors?: InternalErrors;
  readonly userAgent: string;
  /** Counts opened connections to destinations. */
  readonly dials?: DialCounts | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Script of the sending thread. The default is the script of this package. */
  readonly entry?: URL | undefined;
}

/** Interval in ms at which the sending thread gets the number of appended entries. */
const APPENDED_MS = 1000;

/** Time in ms, after its deadline, in which a removed queue must end. */
const ENDING_MS = 5000;

interface Destination {
  readonly posted: PostedQueue;
  readonly config: RemoteWriteConfig;
  readonly stats: QueueStats;
}

/**
 * Sends the entries that are appended to the write-ahead log to the destinations of `remote_write`, on a separate
 * thread.
 */
export class RemoteWriter {
  readonly #options: RemoteWriterOptions;
  readonly #appended = new AppendedStats();
  readonly #thread: SenderThread;
  #destinations: readonly Destination[] = [];
  /**
   * Removed queues that still send the remaining entries of the log. `until` is the time when a queue must have ended,
   * monotonic ms.
   */
  #ending: readonly { readonly stats: QueueStats; readonly until: number }[] = [];
  #isConfigured = false;
  #cancels: (() => void)[] = [];

  constructor(options: RemoteWriterOptions) {
    this.#options = options;
    const { dir, positionsFile, userAgent, env, clock, logger, entry, dials } = options;
    const settings = {
      dir,
      positionsFile,
      userAgent,
      env: { ...env },
      appended: this.#appended.buffer,
      dials: dials?.buffer,
    };
    this.#thread = new SenderThread({ settings, clock, logger, entry, internalErrors: options.internalErrors });
  }

  /**
   * Prepares a new configuration. Rejects if files of a destination cannot be read, or if two destinations are
   * identical.
   */
  async prepare(config: PrometheusConfig): Promise<PreparedChange> {
    const identities = new Set<string>();
    for (const entry of config.remoteWrite) {
      const identity = printRemoteWrite(entry);
      if (identities.has(identity)) {
        throw new Error(
          `duplicate remote write configs are not allowed, found duplicate for URL: ${redactUrl(entry.url)}`,
        );
      }
      identities.add(identity);
      await this.#check(entry);
    }
    return { apply: () => this.#apply(config), discard: () => {} };
  }

  /** Returns the position in the write-ahead log up to which all destinations have received all entries. */
  sent(): SentLog {
    // Keeps the whole log until the writer is configured.
    if (!this.#isConfigured) return { lowestTime: 0, oldestSegment: 0 };
    const now = this.#options.clock.monotonic();
    this.#ending = this.#ending.filter(({ until }) => now < until);
    const numbers = [...this.#destinations, ...this.#ending].map(({ stats }) => stats);
    if (numbers.length === 0) return { lowestTime: 0, oldestSegment: Infinity };
    return {
      lowestTime: numbers
        .map((stats) => stats.get("highestSentSeconds") * 1000)
        .reduce((a, b) => Math.min(a, b), Infinity),
      oldestSegment: numbers.map((stats) => stats.get("oldestSegment")).reduce((a, b) => Math.min(a, b), Infinity),
    };
  }

  families(): readonly MetricFamily[] {
    this.#noteAppended();
    const queues = this.#destinations.map(({ posted, config, stats }) => ({ ...posted, config: config.queue, stats }));
    return senderFamilies(this.#options.appended(), this.#appended.highestSeconds, queues);
  }

  async stop(): Promise<void> {
    this.#cancelAll();
    await this.#thread.stop(this.#options.flushMs);
  }

  async #check(entry: RemoteWriteConfig): Promise<void> {
    const { clock, userAgent, env } = this.#options;
    const destination = { ...entry, retryOnHttp429: false };
    const client = await WriteClient.open(destination, { clock, userAgent, sign: signerOf(entry, { clock, env }) });
    await client.close();
  }

  async #apply(config: PrometheusConfig): Promise<void> {
    const { externalLabels, metricNameValidationScheme: scheme } = config.global;
    const before = new Map(this.#destinations.map((one) => [one.posted.key, one]));
    const keys = new Set<string>();
    const shared = {
      externalLabels: externalLabels.pairs,
      scheme,
      now: this.#options.logEnd(),
      logEnd: this.#options.sharedLogEnd().buffer,
    };
    this.#destinations = config.remoteWrite.map((entry) => {
      const posted = { ...shared, ...namesOf(entry, keys), entry: remoteWriteIdentity(entry) };
      const same = before.get(posted.key);
      // Whether the counters of a destination continue, because its name and URL are unchanged.
      const goesOn = same !== undefined && same.posted.name === posted.name && same.posted.url === posted.url;
      const stats = goesOn ? same.stats : newStats(entry);
      const now = same?.posted.now ?? posted.now;
      return { posted: { ...posted, now, stats: stats.buffer }, config: entry, stats };
    });
    this.#isConfigured = true;
    this.#noteEnding(before.values());
    this.#cancelAll();
    const queues = this.#destinations.map(({ posted }) => posted);
    if (queues.length === 0 && !this.#thread.isRunning) return;
    await this.#keepBeginnings();
    this.#thread.apply({ kind: "queues", queues, flushMs: this.#options.flushMs });
    this.#every(APPENDED_MS, () => this.#noteAppended());
    for (const { posted, config: entry } of this.#destinations) this.#sendMetadata(posted.key, entry);
  }

  #noteEnding(before: Iterable<Destination>): void {
    const { clock, flushMs } = this.#options;
    const keys = new Set(this.#destinations.map(({ posted }) => posted.key));
    const gone = [...before].filter(({ posted }) => !keys.has(posted.key));
    const until = clock.monotonic() + flushMs + ENDING_MS;
    this.#ending = [...this.#ending, ...gone.map(({ stats }) => ({ stats, until }))];
  }

  /**
   * Stores the start positions of new destinations in the log, so that later entries are sent even if the process
   * crashes before the sending thread has started. Only logs a failure.
   */
  async #keepBeginnings(): Promise<void> {
    const { positionsFile, logger } = this.#options;
    let store: Store;
    try {
      store = openSqlite(positionsFile);
    } catch {
      return;
    }
    try {
      const positions = new KeptPositions(store.collection(POSITIONS, "process"), logger);
      for (const { posted, config } of this.#destinations) {
        await positions.begin(posted.key, posted.now, config.queue.minShards);
      }
    } finally {
      await store.close();
    }
  }

  /**
   * Sends types and help texts at intervals, unless the messages for this destination contain them together with the
   * samples.
   */
  #sendMetadata(key: string, { metadata, protobufMessage }: RemoteWriteConfig): void {
    if (!metadata.send || protobufMessage !== "prometheus.WriteRequest") return;
    this.#every(metadata.sendIntervalMs, () => {
      const rows = this.#options.metadata();
      if (rows.length > 0) this.#thread.post({ kind: "metadata", key, rows });
    });
  }

  #noteAppended(): void {
    const { floats, histograms, exemplars, highestSeconds } = this.#options.appended();
    const count = floats + histograms + exemplars;
    // Uses 0 if no time is known, because only exemplars have been appended so far.
    this.#appended.set(count, count === 0 || highestSeconds === -Infinity ? 0 : highestSeconds);
  }

  #every(ms: number, run: () => void): void {
    const place = this.#cancels.length;
    const again = (): void => {
      this.#cancels[place] = this.#options.clock.after(ms, () => {
        again();
        run();
      });
    };
    again();
  }

  #cancelAll(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
  }
}

function newStats({ queue }: RemoteWriteConfig): QueueStats {
  const stats = new QueueStats();
  stats.set("shards", queue.minShards);
  stats.set("shardsDesired", queue.minShards);
  return stats;
}

/**
 * Returns key, name and URL of a destination. The key identifies its stored position. The key is the destination's name
 * or, without a name, its URL.
 */
function namesOf(entry: RemoteWriteConfig, keys: Set<string>): Pick<PostedQueue, "key" | "name" | "url"> {
  const url = redactUrl(entry.url);
  const wanted = entry.name === "" ? `url ${url}` : `name ${entry.name}`;
  let key = wanted;
  for (let i = 2; keys.has(key); i++) key = `${wanted} ${i}`;
  keys.add(key);
  const name = entry.name === "" ? hash("md5", printRemoteWrite(entry)).slice(0, 6) : entry.name;
  return { key, name, url };
}
