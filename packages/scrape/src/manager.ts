import type { GlobalConfig, PrometheusConfig, ScrapeConfig } from "@narthex/config";
import { createHttpClient, type HttpClient, type SelfMetrics } from "@narthex/http";
import type { Clock, Logger } from "@narthex/runtime";
import type { Appendable } from "@narthex/storage";
import { FailureLog } from "./failure-log.ts";
import { BodyMemory } from "./fetch.ts";
import type { ReadingFeatures } from "./ingest.ts";
import { type ScrapeMetrics, scrapeMetrics } from "./metrics.ts";
import { type PoolEnvironment, ScrapePool } from "./pool.ts";
import { poolChange } from "./pool-change.ts";
import { offsetSeed, type RhythmOptions } from "./rhythm.ts";
import { SampleSlots } from "./sample-slots.ts";
import { countTargets, type TargetSets } from "./target-sets.ts";
import { TargetViews } from "./target-views.ts";
import { Timetable } from "./timetable.ts";
import type { OutsideView } from "./target-url.ts";

export interface ScrapeManagerOptions {
  readonly appendable: Appendable;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly self: SelfMetrics;
  /** `Prometheus/<version>`. */
  readonly userAgent: string;
  /** Part of the seed that spreads the targets of a pair of servers. */
  readonly hostname: string;
  /** For the targets' URLs as seen from outside. */
  readonly outside?: OutsideView | undefined;
  readonly rhythm?: RhythmOptions | undefined;
  /** New targets are taken at most this often. Default 5 s. */
  readonly syncIntervalMs?: number | undefined;
  readonly connect?: ((config: ScrapeConfig["httpClient"]) => Promise<HttpClient>) | undefined;
  /** Lets other work run between the slices of a long body. */
  readonly pause?: (() => Promise<void>) | undefined;
  /** Tell the storage type, help and unit of every series. Default off. */
  readonly withMetadata?: boolean | undefined;
  /** What is read of expositions beyond the default. */
  readonly reading?: ReadingFeatures | undefined;
}

/** What the manager reads of a configuration. */
export type ScrapeSettings = Pick<PrometheusConfig, "global" | "scrapeConfigs">;

const SYNC_INTERVAL_MS = 5000;

/**
 * Scrapes all jobs. `apply` takes a configuration, `setTargets` what discovery finds; both may come again at any time and
 * leave alone what did not change.
 */
export class ScrapeManager {
  /** Targets, pools and metadata as the API shows them. */
  readonly views: TargetViews;
  readonly #options: ScrapeManagerOptions;
  readonly #metrics: ScrapeMetrics;
  readonly #slots = new SampleSlots();
  readonly #memory = new BodyMemory();
  readonly #timetable: Timetable;
  readonly #pools = new Map<string, ScrapePool>();
  readonly #failureLogs = new Map<string, FailureLog>();
  #global: GlobalConfig | undefined;
  #seed = 0n;
  #sets: TargetSets = new Map();
  #lastSync = -Infinity;
  #lastReload = -Infinity;
  /** The configuration has changed since targets were set last. */
  #hasty = false;
  #cancelSync: (() => void) | undefined;
  /** Reloads and syncs run one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ScrapeManagerOptions) {
    this.#options = options;
    this.#timetable = new Timetable(options.clock);
    this.#metrics = scrapeMetrics(options.self);
    this.views = new TargetViews(this.#pools, options.outside);
    options.self.addSource(() => {
      this.#measureMetadata();
      return [];
    });
  }

  /** Takes a configuration: new jobs start, missing ones stop without marking ends, changed ones go over. */
  apply(settings: ScrapeSettings): Promise<void> {
    const turn = this.#turn.then(() => this.#reload(settings));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Takes what discovery found: at once after a reload or when the last time is long enough ago, otherwise then. */
  setTargets(sets: TargetSets): void {
    this.#sets = sets;
    if (this.#stopped) return;
    const { clock } = this.#options;
    const hasty = this.#hasty;
    this.#hasty = false;
    if (!hasty && this.#cancelSync !== undefined) return;
    const wait = this.#lastSync + this.#syncIntervalMs - clock.monotonic();
    if (!hasty && wait > 0) return this.#syncIn(wait);
    this.#lastSync = clock.monotonic();
    this.#turn = this.#turn.then(() => this.#sync());
  }

  get #syncIntervalMs(): number {
    return this.#options.syncIntervalMs ?? SYNC_INTERVAL_MS;
  }

  #syncIn(ms: number): void {
    const { clock } = this.#options;
    this.#cancelSync = clock.after(ms, () => {
      this.#lastSync = clock.monotonic();
      this.#cancelSync = undefined;
      this.#turn = this.#turn.then(() => this.#sync());
    });
  }

  /** Ends all scraping; what runs is let go, no ends are marked. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelSync?.();
    await this.#turn;
    await Promise.all([...this.#pools.values()].map((pool) => pool.stop()));
    await Promise.all([...this.#failureLogs.values()].map((log) => log.flush()));
  }

  async #reload(settings: ScrapeSettings): Promise<void> {
    if (this.#stopped) return;
    const { global, scrapeConfigs } = settings;
    const before = this.#global;
    this.#global = global;
    this.#seed = offsetSeed(this.#options.hostname, global.externalLabels);
    const wanted = new Set(scrapeConfigs.map((job) => job.jobName));
    for (const [name, pool] of this.#pools) {
      if (wanted.has(name)) continue;
      this.#pools.delete(name);
      this.#forget(name);
      await pool.stop();
    }
    for (const job of scrapeConfigs) {
      const pool = this.#pools.get(job.jobName);
      if (pool === undefined) await this.#create(job);
      else await this.#change(pool, { job, global }, before!);
    }
    // What discovery finds by the new configuration need not wait.
    this.#hasty = true;
    this.#lastReload = this.#options.clock.monotonic();
  }

  async #change(
    pool: ScrapePool,
    after: { readonly job: ScrapeConfig; readonly global: GlobalConfig },
    before: GlobalConfig,
  ): Promise<void> {
    const change = poolChange({ job: pool.job, global: before }, after);
    if (change === "targets") return pool.reload(after.job, "targets");
    this.#metrics.poolReloads.inc();
    try {
      await pool.reload(after.job, change);
    } catch (error) {
      this.#metrics.poolReloadsFailed.inc();
      this.#options.logger.error("Error reloading scrape pool", { err: error, scrape_pool: after.job.jobName });
    }
  }

  async #create(job: ScrapeConfig): Promise<void> {
    this.#metrics.pools.inc();
    this.#metrics.syncFailed.inc({ scrape_job: job.jobName }, 0);
    try {
      const pool = await ScrapePool.create(job, this.#environment());
      this.#pools.set(job.jobName, pool);
      const groups = this.#sets.get(job.jobName);
      if (groups !== undefined) await pool.sync(groups);
    } catch (error) {
      this.#metrics.poolsFailed.inc();
      this.#options.logger.error("Error creating new scrape pool", { err: error, scrape_pool: job.jobName });
    }
  }

  /**
   * One pool after the other, so that they do not add up to a long turn. Soon after a reload new providers have yet to find
   * their targets: pools of which discovery knows fewer than before are left alone until then.
   */
  async #sync(): Promise<void> {
    const { clock } = this.#options;
    const sinceReload = clock.monotonic() - this.#lastReload;
    let later = false;
    for (const [name, groups] of this.#sets) {
      if (this.#stopped) return;
      const pool = this.#pools.get(name);
      if (pool === undefined) continue;
      if (sinceReload < this.#syncIntervalMs && countTargets(groups) < pool.found) later = true;
      else await pool.sync(groups);
    }
    if (later && this.#cancelSync === undefined) this.#syncIn(this.#syncIntervalMs - sinceReload);
  }

  #environment(): PoolEnvironment {
    const { appendable, clock, logger, userAgent, rhythm = {} } = this.#options;
    const seed = (): bigint => this.#seed;
    return {
      appendable,
      clock,
      logger: logger.child({ component: "scrape manager" }),
      metrics: this.#metrics,
      slots: this.#slots,
      memory: this.#memory,
      timetable: this.#timetable,
      get seed() {
        return seed();
      },
      rhythm,
      withMetadata: this.#options.withMetadata ?? false,
      reading: this.#options.reading ?? {},
      pause: this.#options.pause ?? (() => new Promise((resolve) => setImmediate(resolve))),
      userAgent,
      connect: this.#options.connect ?? createHttpClient,
      failureLog: (path) => this.#failureLog(path),
    };
  }

  #failureLog(path: string): FailureLog | undefined {
    if (path === "") return undefined;
    let log = this.#failureLogs.get(path);
    if (log === undefined) {
      this.#failureLogs.set(path, (log = new FailureLog(path, this.#options.clock, this.#options.logger)));
    }
    return log;
  }

  /** A job that is gone leaves no gauges behind. */
  #forget(scrape_job: string): void {
    const { poolTargets, poolTargetLimit, symbolTableItems, metadataEntries, metadataBytes } = this.#metrics;
    const { poolSyncs, syncFailed, syncLength } = this.#metrics;
    for (const gauge of [poolTargets, poolTargetLimit, symbolTableItems, metadataEntries, metadataBytes]) {
      gauge.remove({ scrape_job });
    }
    for (const counter of [poolSyncs, syncFailed]) counter.remove({ scrape_job });
    syncLength.remove({ scrape_job });
  }

  #measureMetadata(): void {
    for (const [scrape_job, pool] of this.#pools) {
      const { entries, bytes } = pool.metadataSize();
      this.#metrics.metadataEntries.set({ scrape_job }, entries);
      this.#metrics.metadataBytes.set({ scrape_job }, bytes);
    }
  }
}
