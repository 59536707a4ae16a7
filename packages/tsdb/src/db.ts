import { join } from "node:path";
import { type Labels, type Matcher, matchesAll } from "@narthex/model";
import { type Clock, type Logger, logOnChange } from "@narthex/runtime";
import type { Appendable, MetricMetadata, Queryable } from "@narthex/storage";
import { diskFiles, type Files } from "./files.ts";
import { CommitLog } from "./head/commit-log.ts";
import type { ExemplarSeries } from "./head/exemplar-ring.ts";
import { Head } from "./head/head.ts";
import { Replay } from "./head/replay.ts";
import { StoredChunks } from "./head/stored-chunks.ts";
import { truncateHead } from "./head/truncate.ts";
import { type FolderLock, lockFolder } from "./lock.ts";
import { readLog, type ReplayProgress } from "./head/read-log.ts";
import { databaseMetrics, headMetrics, type MetricTable, walMetrics } from "./self-metrics.ts";
import { type HeadStats, headStats } from "./stats.ts";
import type { WalCompression } from "./wal/compression.ts";
import { DEFAULT_FSYNC_INTERVAL_MS, Durability, type FsyncPolicy } from "./wal/durability.ts";
import { WalTruncation } from "./wal/truncation.ts";
import { WalWriter } from "./wal/writer.ts";

export interface TsdbOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Samples older than this, counted from the newest, are dropped. Default 15 d. */
  readonly retentionMs?: number | undefined;
  /** Default snappy. */
  readonly walCompression?: WalCompression | undefined;
  /** Multiple of 32 KiB; default 128 MiB. */
  readonly walSegmentBytes?: number | undefined;
  /** Default interval. */
  readonly walFsync?: FsyncPolicy | undefined;
  readonly walFsyncIntervalMs?: number | undefined;
  /** Exemplars kept; default 0, none. */
  readonly maxExemplars?: number | undefined;
  /** Off: nobody keeps two processes from writing into the folder. Default on. */
  readonly lockFile?: boolean | undefined;
  /** Filled while the log is replayed, for /status/walreplay. */
  readonly progress?: ReplayProgress | undefined;
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined;
  /** Where the folder lies; default the machine's disks. The lock file is always there. */
  readonly files?: Files | undefined;
}

const DEFAULT_RETENTION_MS = 15 * 86_400_000;
const MAINTENANCE_INTERVAL_MS = 60_000;
const MAX_SLACK_MS = 36 * 3_600_000;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** An open data folder. */
export interface Tsdb {
  readonly appendable: Appendable;
  readonly queryable: Queryable;
  /** Oldest and newest sample, ms; Infinity and -Infinity while empty. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly replay: Readonly<ReplayProgress>;
  /** Damaged log segments met since the start (runtimeinfo's corruptionCount). */
  readonly corruptions: number;
  /** For /status/tsdb; `limit` entries per list. */
  stats(limit: number): HeadStats;
  /** Exemplars of the series that any of the selectors accepts. */
  exemplars(minTime: number, maxTime: number, selectors: readonly (readonly Matcher[])[]): ExemplarSeries[];
  /** Changes how many exemplars are kept. */
  resizeExemplars(capacity: number): void;
  /** Metadata that the log held, by series. */
  metadata(): Iterable<readonly [Labels, MetricMetadata]>;
  /** Values of the self metrics. */
  collect(): MetricTable;
  /** Drops what is past retention now; the clock does it every minute. */
  maintain(): Promise<void>;
  /** Brings the log to the disk and gives the folder back. Appenders must be done. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a data folder: takes its lock, replays the write-ahead log and goes on with a new segment. Rejects with
 * FolderLockedError when another process has it, or with the system's error.
 */
export async function openTsdb(dir: string, options: TsdbOptions): Promise<Tsdb> {
  const files = options.files ?? diskFiles;
  files.makeFolder(dir);
  const lock = options.lockFile === false ? undefined : await lockFolder(dir);
  try {
    return await open(dir, options, lock);
  } catch (cause) {
    lock?.release();
    throw cause;
  }
}

async function open(dir: string, options: TsdbOptions, lock: FolderLock | undefined): Promise<Tsdb> {
  const { clock, logger } = options;
  if (lock?.replaced === true) logger.warn("a lock file of a previous process existed and was replaced", { dir });
  if (lock?.kind === "pid") logger.warn("flock is not available: only Narthex processes are kept out of the folder");
  const files = options.files ?? diskFiles;
  warnOfBlocks(dir, logger, files);
  const walDir = join(dir, "wal");
  files.makeFolder(walDir);
  const start = clock.monotonic();
  const head = new Head(options.maxExemplars ?? 0);
  const stored = new StoredChunks(head, join(dir, "chunks_head"), files, logger);
  await stored.load();
  const replay = new Replay(head, stored);
  const progress = options.progress ?? { min: 0, max: 0, current: 0 };
  const asideDir = join(dir, "wal-damaged");
  const reading = await readLog(walDir, replay, { logger, progress, asideDir, signal: options.signal, files });
  stored.loaded.dropRest();
  await stored.store();
  const replaySeconds = (clock.monotonic() - start) / 1000;
  logger.info("WAL replay completed", { duration: `${replaySeconds.toFixed(3)}s`, samples: replay.samples });
  if (replay.unknownReferences > 0 || replay.undecodable > 0) {
    logger.warn("samples of the WAL were skipped", {
      unknownReferences: replay.unknownReferences,
      undecodableRecords: replay.undecodable,
    });
  }
  return new OpenTsdb(dir, options, lock, head, stored, replay, {
    progress,
    replaySeconds,
    corruptions: reading.corruptions + replay.undecodable,
    lastSegment: reading.lastSegment,
  });
}

function warnOfBlocks(dir: string, logger: Logger, files: Files): void {
  const blocks = files.list(dir).filter((name) => ULID.test(name));
  if (blocks.length === 0) return;
  logger.warn("the data folder holds blocks; they are left untouched and not read yet", { dir, blocks: blocks.length });
}

interface ReplayFacts {
  readonly progress: ReplayProgress;
  readonly replaySeconds: number;
  readonly corruptions: number;
  readonly lastSegment: number;
}

class OpenTsdb implements Tsdb {
  readonly replay: Readonly<ReplayProgress>;
  readonly corruptions: number;
  readonly #options: TsdbOptions;
  readonly #lock: FolderLock | undefined;
  readonly #head: Head;
  readonly #stored: StoredChunks;
  readonly #wal: WalWriter;
  readonly #durability: Durability;
  readonly #truncation: WalTruncation;
  readonly #retentionMs: number;
  readonly #compression: WalCompression;
  readonly #replaySeconds: number;
  readonly #unknownReferences: number;
  #retentions = 0;
  /** Chunks that reach past this time were kept whole: the oldest sample may be older. */
  #truncatedTo = -Infinity;
  #cancel: () => void = () => {};
  #maintaining: Promise<void> | undefined;
  #closed = false;

  constructor(
    dir: string,
    options: TsdbOptions,
    lock: FolderLock | undefined,
    head: Head,
    stored: StoredChunks,
    replay: Replay,
    facts: ReplayFacts,
  ) {
    this.#options = options;
    this.#lock = lock;
    this.#head = head;
    this.#stored = stored;
    this.#retentionMs = options.retentionMs ?? DEFAULT_RETENTION_MS;
    this.#compression = options.walCompression ?? "snappy";
    this.replay = facts.progress;
    this.corruptions = facts.corruptions;
    this.#replaySeconds = facts.replaySeconds;
    this.#unknownReferences = replay.unknownReferences;
    this.#wal = new WalWriter(join(dir, "wal"), {
      compression: this.#compression,
      ...(options.walSegmentBytes === undefined ? {} : { segmentBytes: options.walSegmentBytes }),
      files: options.files ?? diskFiles,
    });
    const { clock, logger } = options;
    this.#durability = new Durability(this.#wal, {
      policy: options.walFsync ?? "interval",
      intervalMs: options.walFsyncIntervalMs ?? DEFAULT_FSYNC_INTERVAL_MS,
      clock,
      syncing: logOnChange(logger, "bringing the WAL to the disk"),
      writing: logOnChange(logger, "writing the WAL (samples are refused meanwhile, queries go on)"),
    });
    this.#truncation = new WalTruncation(this.#wal, this.#compression, clock);
    for (const ref of replay.aliases.keys()) this.#truncation.keepUntil(ref, facts.lastSegment);
    head.log = new CommitLog(this.#wal, this.#durability);
    this.#arm();
  }

  get appendable(): Appendable {
    return this.#head;
  }

  get queryable(): Queryable {
    return this.#head;
  }

  get minTime(): number {
    return this.#head.minTime;
  }

  get maxTime(): number {
    return this.#head.maxTime;
  }

  stats(limit: number): HeadStats {
    return headStats(this.#head, limit);
  }

  exemplars(minTime: number, maxTime: number, selectors: readonly (readonly Matcher[])[]): ExemplarSeries[] {
    return this.#head.exemplars.select(minTime, maxTime, (labels) =>
      selectors.some((matchers) => matchesAll(matchers, labels)),
    );
  }

  resizeExemplars(capacity: number): void {
    this.#head.exemplars.resize(capacity);
  }

  *metadata(): Iterable<readonly [Labels, MetricMetadata]> {
    const { series } = this.#head.memory;
    for (const [ref, metadata] of this.#head.metadata) {
      const row = series.rowOf(ref);
      if (row !== 0) yield [series.labelsOf(row), metadata];
    }
  }

  collect(): MetricTable {
    return {
      ...headMetrics(this.#head),
      ...walMetrics(this.#wal, this.#durability, this.#compression),
      ...databaseMetrics({
        ...this.#truncation.facts,
        replaySeconds: this.#replaySeconds,
        corruptions: this.corruptions,
        unknownReferences: this.#unknownReferences,
        cleanStart: this.#lock === undefined ? -1 : this.#lock.replaced ? 0 : 1,
        retentionMs: this.#retentionMs,
        retentions: this.#retentions,
      }),
    };
  }

  async maintain(): Promise<void> {
    this.#maintaining ??= this.#tick().finally(() => {
      this.#maintaining = undefined;
    });
    await this.#maintaining;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel();
    this.#durability.stop();
    await this.#maintaining?.catch(() => {});
    await this.#head.turns.settled();
    try {
      await this.#wal.close();
    } finally {
      this.#stored.files.close();
      this.#lock?.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #tick(): Promise<void> {
    await this.#dropExpired();
    await this.#stored.store();
  }

  /** Rewriting the log costs as much as the log is long: it waits until a tenth of the data is past retention. */
  async #dropExpired(): Promise<void> {
    const head = this.#head;
    const minTime = head.maxTime - this.#retentionMs;
    const slack = Math.min(this.#retentionMs / 10, MAX_SLACK_MS);
    if (head.maxTime === -Infinity || Math.max(head.minTime, this.#truncatedTo) >= minTime - slack) return;
    this.#truncatedTo = minTime;
    const start = this.#options.clock.monotonic();
    const { series, chunks } = await truncateHead(head, minTime);
    this.#stored.truncate(minTime);
    head.counters.collections++;
    head.counters.truncations++;
    head.counters.collectionSeconds += (this.#options.clock.monotonic() - start) / 1000;
    this.#retentions++;
    for (const ref of series) this.#truncation.keepUntil(ref, this.#wal.segment);
    await this.#truncation.run(minTime, (ref) => head.memory.series.rowOf(ref) !== 0);
    this.#options.logger.info("dropped data past retention", { chunks, series: series.length });
  }

  #arm(): void {
    this.#cancel = this.#options.clock.after(MAINTENANCE_INTERVAL_MS, () => {
      this.maintain()
        .catch((cause: unknown) => {
          this.#options.logger.error("dropping data past retention failed", { err: cause });
        })
        .finally(() => {
          if (!this.#closed) this.#arm();
        });
    });
  }
}
