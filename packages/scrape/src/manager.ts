import type { GlobalConfig, PrometheusConfig, ScrapeConfig } from "@narthex/config";
import { createHttpClient, type HttpClient, type SelfMetrics } from "@narthex/http";
import type { Clock, Logger, PreparedChange, ReportError } from "@narthex/runtime";
import type { Appendable } from "@narthex/storage";
import { budgetFamilies } from "./budget/budget-families.ts";
import type { BudgetNotices } from "./budget/series-budget.ts";
import { FailureLog } from "./report/failure-log.ts";
import { BodyMemory } from "./fetch/fetch.ts";
import type { ReadingFeatures } from "./ingest/ingest.ts";
import { type ScrapeMetrics, scrapeMetrics } from "./metrics.ts";
import { type PoolEnvironment, ScrapePool } from "./pool/pool.ts";
import { type PoolChange, poolChange } from "./pool/pool-change.ts";
import { PoolClients } from "./pool/pool-clients.ts";
import { offsetSeed, type ScheduleOptions } from "./schedule/scrape-schedule.ts";
import { SampleBuffer } from "./ingest/sample-buffer.ts";
import { countTargets, type TargetGroupsByJob } from "./target/target-groups.ts";
import { TargetViews } from "./pool/target-views.ts";
import { TimerHeap } from "./schedule/timer-heap.ts";
import type { ExternalAddress } from "./target/target-url.ts";

export interface ScrapeManagerOptions {
  readonly appendable: Appendable;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly self: SelfMetrics;
  /** Value of the User-Agent header: `Prometheus/<version>`. */
  readonly userAgent: string;
  /**
   * Host name. The two servers of a high-availability pair have different host names, and therefore scrape at different
   * times.
   */
  readonly hostname: string;
  /** External address of this server, for the URLs of targets that users see. */
  readonly outside?: ExternalAddress | undefined;
  readonly schedule?: ScheduleOptions | undefined;
  /** Minimum interval in ms between two updates of the targets. Default: 5 s. */
  readonly syncIntervalMs?: number | undefined;
  readonly connect?: ((...args: Parameters<typeof createHttpClient>) => Promise<HttpClient>) | undefined;
  /** Yields to the event loop between the slices of a long body. */
  readonly pause?: (() => Promise<void>) | undefined;
  /** True to store the type, help and unit of every series. Default: false. */
  readonly withMetadata?: boolean | undefined;
  /** True to derive the start times of counters whose targets do not expose them. Default: false. */
  readonly synthesizesStarts?: boolean | undefined;
  /** Shows notices in the UI about jobs near their series budget. */
  readonly notices?: BudgetNotices | undefined;
  /** Maximum memory of the long bodies of all scrapes in progress together, bytes. Default: 256 MiB. */
  readonly maxBodyMemory?: number | undefined;
  readonly reading?: ReadingFeatures | undefined;
}

/** The sections of the configuration that the manager uses. */
export type ScrapeSettings = Pick<PrometheusConfig, "global" | "scrapeConfigs">;

const SYNC_INTERVAL_MS = 5000;

/**
 * Scrapes the targets of all jobs. prepare() receives a configuration and setTargets() the discovered targets. Both
 * methods may be called at any time, and neither interrupts unchanged targets.
 */
export class ScrapeManager {
  /** Targets, scrape pools and metadata as the HTTP API shows them. */
  readonly views: TargetViews;
  readonly #options: ScrapeManagerOptions;
  readonly #metrics: ScrapeMetrics;
  readonly #reportError: ReportError;
  readonly #buffer = new SampleBuffer();
  readonly #memory: BodyMemory;
  readonly #timers: TimerHeap;
  readonly #pools = new Map<string, ScrapePool>();
  readonly #failureLogs = new Map<string, FailureLog>();
  #global: GlobalConfig | undefined;
  #seed = 0n;
  #sets: TargetGroupsByJob = new Map();
  #lastSync = -Infinity;
  #lastReload = -Infinity;
  /** True if the configuration has changed since the last update of the targets. */
  #syncImmediately = false;
  #cancelSync: (() => void) | undefined;
  /** Promise of the last reload or update of the targets. Reloads and updates run one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ScrapeManagerOptions) {
    this.#options = options;
    this.#memory = new BodyMemory(options.maxBodyMemory);
    this.#timers = new TimerHeap(options.clock);
    this.#metrics = scrapeMetrics(options.self);
    this.#reportError = options.self.internalErrors.reporter("scrape", options.logger);
    this.views = new TargetViews(this.#pools, options.outside);
    options.self.addSource(() => {
      this.#measureMetadata();
      return [];
    });
    options.self.addAlwaysShown(() => {
      const readings = [...this.#pools.values()].map(({ budget }) => budget.reading());
      return budgetFamilies(readings.filter((reading) => reading !== undefined));
    });
  }

  /**
   * Creates the HTTP clients for a new configuration. Only one configuration can be prepared at a time. When the
   * configuration is applied, new jobs start, changed jobs are reloaded, and missing jobs stop without stale markers.
   * Rejects if the client of a running job cannot be created. A new job without a client is logged and skipped, as in
   * Prometheus.
   */
  async prepare(settings: ScrapeSettings): Promise<PreparedChange> {
    const { connect = createHttpClient, logger, self } = this.#options;
    const clients = new PoolClients(({ jobName, httpClient }) =>
      connect(httpClient, { dials: self.dialers.of(jobName), logger: logger.child({ scrape_pool: jobName }) }),
    );
    await clients.connect(settings.scrapeConfigs.filter((job) => this.#changeOf(job, settings.global) !== "targets"));
    const refused = [...clients.refused].filter(([name]) => this.#pools.has(name));
    for (const [scrape_pool, err] of refused) {
      this.#metrics.poolReloads.inc();
      this.#metrics.poolReloadsFailed.inc();
      this.#options.logger.error("Error reloading scrape pool", { err, scrape_pool });
    }
    if (refused.length > 0) {
      await clients.close();
      throw new Error(
        refused.map(([name, { message }]) => `scrape pool ${JSON.stringify(name)}: ${message}`).join("; "),
      );
    }
    return { apply: () => this.#apply(settings, clients), discard: () => clients.close() };
  }

  #apply(settings: ScrapeSettings, clients: PoolClients): Promise<void> {
    const turn = this.#turn.then(() => this.#reload(settings, clients)).finally(() => clients.close());
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Receives the targets that discovery has found. Updates the targets at once after a reload or if the minimum
   * interval has passed, otherwise later.
   */
  setTargets(sets: TargetGroupsByJob): void {
    this.#sets = sets;
    if (this.#stopped) return;
    const { clock } = this.#options;
    const syncImmediately = this.#syncImmediately;
    this.#syncImmediately = false;
    if (!syncImmediately && this.#cancelSync !== undefined) return;
    const wait = this.#lastSync + this.#syncIntervalMs - clock.monotonic();
    if (!syncImmediately && wait > 0) return this.#syncIn(wait);
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

  /** Stops all scraping: aborts running scrapes and writes no stale markers. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelSync?.();
    await this.#turn;
    await Promise.all([...this.#pools.values()].map((pool) => pool.stop()));
    await Promise.all([...this.#failureLogs.values()].map((log) => log.flush()));
  }

  async #reload({ global, scrapeConfigs }: ScrapeSettings, clients: PoolClients): Promise<void> {
    if (this.#stopped) return;
    const changes = new Map(scrapeConfigs.map((job) => [job.jobName, this.#changeOf(job, global)]));
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
      const change = changes.get(job.jobName);
      if (pool === undefined) await this.#create(job, clients);
      else if (change === "targets") pool.job = job;
      else {
        this.#metrics.poolReloads.inc();
        await pool.reload(job, change!, clients.take(job.jobName));
      }
    }
    // Updates the targets for the new configuration without waiting for the minimum interval.
    this.#syncImmediately = true;
    this.#lastReload = this.#options.clock.monotonic();
  }

  /**
   * Returns how a job differs from the configuration of its running scrape pool. Returns undefined if the job has no
   * pool.
   */
  #changeOf(job: ScrapeConfig, global: GlobalConfig): PoolChange | undefined {
    const pool = this.#pools.get(job.jobName);
    return pool && poolChange({ job: pool.job, global: this.#global! }, { job, global });
  }

  async #create(job: ScrapeConfig, clients: PoolClients): Promise<void> {
    this.#metrics.pools.inc();
    this.#metrics.syncFailed.inc({ scrape_job: job.jobName }, 0);
    const err = clients.refused.get(job.jobName);
    if (err !== undefined) {
      this.#metrics.poolsFailed.inc();
      this.#options.logger.error("Error creating new scrape pool", { err, scrape_pool: job.jobName });
      return;
    }
    const pool = new ScrapePool(job, clients.take(job.jobName), this.#environment());
    this.#pools.set(job.jobName, pool);
    const groups = this.#sets.get(job.jobName);
    if (groups !== undefined)
      await pool.sync(groups).catch((error: unknown) => this.#reportError(error, { scrape_pool: job.jobName }));
  }

  /**
   * Updates the targets of one scrape pool after the other to keep turns of the event loop short. Soon after a reload,
   * a pool for which discovery found fewer targets than before is updated later, because discovery may be incomplete.
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
      else await pool.sync(groups).catch((error: unknown) => this.#reportError(error, { scrape_pool: name }));
    }
    if (later && this.#cancelSync === undefined) this.#syncIn(this.#syncIntervalMs - sinceReload);
  }

  #environment(): PoolEnvironment {
    const { appendable, clock, logger, userAgent, schedule = {} } = this.#options;
    const seed = (): bigint => this.#seed;
    return {
      appendable,
      clock,
      logger: logger.child({ component: "scrape manager" }),
      metrics: this.#metrics,
      reportError: this.#reportError,
      buffer: this.#buffer,
      memory: this.#memory,
      timers: this.#timers,
      get seed() {
        return seed();
      },
      schedule,
      withMetadata: this.#options.withMetadata ?? false,
      synthesizesStarts: this.#options.synthesizesStarts ?? false,
      reading: this.#options.reading ?? {},
      pause: this.#options.pause ?? (() => new Promise((resolve) => setImmediate(resolve))),
      userAgent,
      notices: this.#options.notices,
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

  /** Removes the gauge metrics of a job after the job was removed from the configuration. */
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
