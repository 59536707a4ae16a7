import { type ScrapeConfig } from "@narthex/config";
import { formatGoDuration } from "@narthex/model";
import { type Clock, eventLoop, type Logger, type ReportError } from "@narthex/runtime";
import type { Appendable, Appender } from "@narthex/storage";
import type { SeriesBudget } from "../budget/series-budget.ts";
import type { FailureLog } from "../report/failure-log.ts";
import type { Fetch, InFlightFetch, ScrapedBody } from "../fetch/fetch.ts";
import { Ingest, type IngestContext, type IngestOutcome, type ReadingFeatures } from "../ingest/ingest.ts";
import { MetadataCache } from "../cache/metadata-cache.ts";
import type { ScrapeMetrics } from "../metrics.ts";
import { ReportSeries, type ScrapeReport } from "../report/report.ts";
import { firstDelay, ScrapeSchedule, type ScheduleOptions } from "../schedule/scrape-schedule.ts";
import type { SampleBuffer } from "../ingest/sample-buffer.ts";
import { BodySizeError, ScrapeError } from "../fetch/scrape-error.ts";
import { SeriesCache } from "../cache/series-cache.ts";
import { StartSynthesis } from "../cache/start-synthesis.ts";
import { type Target, targetHash } from "../target/target.ts";
import { Timer, type TimerHeap } from "../schedule/timer-heap.ts";

/** Maximum time, ms, that a sample's timestamp may be in the future. Samples with later timestamps are refused. */
const FUTURE_MS = 10 * 60_000;

/** Objects that all scrape loops of a manager share. */
export interface LoopEnvironment {
  readonly appendable: Appendable;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ScrapeMetrics;
  /** Reports an unexpected error, which fails one scrape of one target. */
  readonly reportError: ReportError;
  readonly buffer: SampleBuffer;
  readonly seed: bigint;
  readonly schedule: ScheduleOptions;
  readonly timers: TimerHeap;
  readonly pause: () => Promise<void>;
  /** True to store the metadata of series. */
  readonly withMetadata: boolean;
  /** True to derive the start times of counters if the target does not expose them. */
  readonly synthesizesStarts: boolean;
  readonly reading: ReadingFeatures;
}

/** Settings of a scrape loop. A reload of the configuration replaces the whole object. */
export interface LoopSettings {
  readonly job: ScrapeConfig;
  readonly fetch: Fetch;
  readonly failures: FailureLog | undefined;
  readonly budget: SeriesBudget;
}

/** Caches that a stopped scrape loop passes to the loop that replaces it. */
export interface LoopCaches {
  readonly series: SeriesCache;
  readonly metadata: MetadataCache;
}

interface IngestAttempt {
  readonly ingest: Ingest;
  readonly appender: Appender;
  readonly outcome: IngestOutcome;
}

interface ScrapeResult {
  readonly fetched: ScrapedBody | ScrapeError;
  /** The attempt to store the samples of the body, or undefined if no body was received. */
  readonly attempt: IngestAttempt | undefined;
  readonly problem: string | undefined;
  readonly timestamp: number;
  readonly begun: number;
}

export interface TargetStatus {
  readonly health: "unknown" | "up" | "down";
  readonly lastError: string;
  /** Time when the last scrape began, Unix ms. Undefined before the first scrape. */
  readonly lastScrapeMs: number | undefined;
  readonly lastScrapeDurationMs: number;
}

const newCaches = ({ budget }: LoopSettings, { synthesizesStarts }: LoopEnvironment): LoopCaches => ({
  series: new SeriesCache(budget.tally, synthesizesStarts ? new StartSynthesis() : undefined),
  metadata: new MetadataCache(),
});

export class ScrapeLoop {
  readonly target: Target;
  readonly caches: LoopCaches;
  /** If set, every scrape fails with this error message, and no request is sent to the target. */
  forcedError: string | undefined;
  status: TargetStatus = { health: "unknown", lastError: "", lastScrapeMs: undefined, lastScrapeDurationMs: 0 };
  readonly #environment: LoopEnvironment;
  readonly #settings: LoopSettings;
  readonly #reports: ReportSeries;
  /** Fires when the next scrape is due. */
  readonly #timer = new Timer(() => this.#fire());
  #stopped = false;
  #aborted = false;
  /** Cancels the wait for the time at which stop() writes stale markers. */
  #abandoning: AbortController | undefined;
  #abandoned = false;
  /** The scrape in progress, or the writing of stale markers after stop(). */
  #running: Promise<void> | undefined;
  #fetching: InFlightFetch | undefined;
  readonly #logger: Logger;
  readonly #intervalLabel: { readonly interval: string };
  #schedule: ScrapeSchedule | undefined;
  #last: number | undefined;

  constructor(target: Target, settings: LoopSettings, environment: LoopEnvironment, caches?: LoopCaches) {
    this.target = target;
    this.caches = caches ?? newCaches(settings, environment);
    this.#settings = settings;
    this.#environment = environment;
    this.#reports = new ReportSeries(target.publicLabels, settings.job.extraScrapeMetrics);
    this.#intervalLabel = { interval: formatGoDuration(target.intervalMs) };
    this.#logger = environment.logger.child({ scrape_pool: settings.job.jobName, target: target.url });
  }

  /**
   * Starts scraping. The first scrape is at the target's fixed time within the interval. A loop that replaces a stopped
   * loop keeps the schedule of that loop, so that an overdue scrape is not lost.
   */
  start(before?: ScrapeLoop): void {
    if (this.#stopped) return;
    const { clock, seed, timers } = this.#environment;
    if (before?.target.key === this.target.key && before.#schedule !== undefined) {
      this.#schedule = before.#schedule.copy();
      timers.set(this.#timer, this.#schedule.due);
      return;
    }
    const delay = firstDelay(clock.now(), this.target.intervalMs, targetHash(this.target), seed);
    timers.set(this.#timer, clock.monotonic() + delay);
  }

  /**
   * Stops scraping. Resolves when no scrape is in progress; a scrape in progress is completed, or aborted with `abort`.
   * With `staleMarkers`, the series get stale markers two intervals later, unless another target has written samples to
   * them or abandon() is called.
   */
  async stop({ staleMarkers = false, abort = false }: { staleMarkers?: boolean; abort?: boolean }): Promise<void> {
    this.#stopped = true;
    this.#environment.timers.cancel(this.#timer);
    if (abort) {
      this.#aborted = true;
      this.#fetching?.abort(new Error("stopped"));
    }
    await this.#running;
    if (!staleMarkers || this.#last === undefined || this.#abandoned) return;
    const { signal } = (this.#abandoning = new AbortController());
    this.#running = this.#writeStaleMarkers(signal).catch((error: unknown) => {
      if (!signal.aborted) this.#reportError(error);
    });
  }

  /** Cancels the writing of stale markers, because the server stops. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    this.#abandoning?.abort(new Error("stopped"));
    await this.#running;
  }

  /** Resolves when the loop and its remaining work have ended. */
  async finished(): Promise<void> {
    await this.#running;
  }

  #fire(): void {
    const { clock, schedule } = this.#environment;
    if (this.#schedule === undefined) this.#schedule = new ScrapeSchedule(clock, this.target.intervalMs, schedule);
    else this.#schedule.advance();
    this.#running = this.#scrape(this.#schedule);
  }

  /** Scrapes once and then waits for the next scheduled scrape. */
  async #scrape(schedule: ScrapeSchedule): Promise<void> {
    const timestamp = schedule.timestamp();
    try {
      await this.#scrapeAndReport(timestamp);
    } catch (error) {
      this.#reportError(error);
      await this.#storeFailure(error, timestamp).catch(this.#reportError);
    }
    this.#running = undefined;
    if (!this.#stopped) this.#environment.timers.set(this.#timer, schedule.due);
  }

  readonly #reportError = (error: unknown): void => {
    const { jobName: scrape_pool } = this.#settings.job;
    this.#environment.reportError(error, { scrape_pool, target: this.target.url });
  };

  /** Stores the report series of a scrape that failed with an unexpected error before any sample was stored. */
  async #storeFailure(error: unknown, timestamp: number): Promise<void> {
    const lastError = error instanceof Error ? error.message : String(error);
    this.status = { health: "down", lastError, lastScrapeMs: timestamp, lastScrapeDurationMs: 0 };
    const counts = { samplesScraped: 0, samplesAdded: 0, seriesAdded: 0 };
    await this.#transaction(this.#appender(), (appender) =>
      this.#appendReport(appender, timestamp, { up: false, durationSeconds: 0, bodyBytes: 0, ...counts }),
    );
  }

  async #scrapeAndReport(timestamp: number): Promise<void> {
    const { clock, metrics } = this.#environment;
    if (this.#last !== undefined) metrics.intervalLength.observe(this.#intervalLabel, (timestamp - this.#last) / 1000);
    this.#last = timestamp;
    const begun = clock.monotonic();
    const fetched = this.forcedError === undefined ? await this.#fetch() : new ScrapeError(this.forcedError);
    try {
      // Does not store a report for an aborted request, because the abort says nothing about the state of the target.
      if (this.#aborted) return;
      await this.#store(fetched, timestamp, begun);
    } finally {
      if (!(fetched instanceof ScrapeError)) fetched.content.release();
    }
    if (this.#settings.job.extraScrapeMetrics) metrics.scrapeDuration.observe((clock.monotonic() - begun) / 1000);
  }

  async #fetch(): Promise<ScrapedBody | ScrapeError> {
    try {
      this.#fetching = this.#settings.fetch(this.target);
      return await this.#fetching.body;
    } catch (error) {
      if (!(error instanceof ScrapeError))
        return new ScrapeError(error instanceof Error ? error.message : String(error));
      if (error instanceof BodySizeError) this.#environment.metrics.exceededBodySize.inc();
      return error;
    } finally {
      this.#fetching = undefined;
    }
  }

  /**
   * Stores samples, stale markers and report series in one transaction. If the body is invalid, its samples are
   * omitted.
   */
  async #store(fetched: ScrapedBody | ScrapeError, timestamp: number, begun: number): Promise<void> {
    const body = fetched instanceof ScrapeError ? undefined : fetched;
    const attempt = body === undefined ? undefined : await this.#ingest(body, timestamp);
    const outcome = fetched instanceof ScrapeError ? { problem: fetched.message } : attempt!.outcome;
    const problem = typeof outcome === "object" ? outcome.problem : undefined;
    if (attempt !== undefined && problem !== undefined) attempt.appender.rollback();
    const stored = problem === undefined ? attempt?.appender : undefined;
    await this.#transaction(stored ?? this.#appender(), (appender) => {
      if (attempt === undefined) this.caches.series.begin();
      this.#settle(appender, problem, timestamp, body);
      this.#report(appender, { fetched, attempt, problem, timestamp, begun });
    });
  }

  /** Appends samples in a transaction and commits the transaction. If appending fails, rolls the transaction back. */
  async #transaction(appender: Appender, append: (appender: Appender) => void): Promise<void> {
    try {
      append(appender);
    } catch (error) {
      appender.rollback();
      throw error;
    }
    await this.#commit(appender);
  }

  /** Appends the report series of a scrape and updates the target's status. */
  #report(appender: Appender, { fetched, attempt, problem, timestamp, begun }: ScrapeResult): void {
    const { clock, metrics } = this.#environment;
    const durationMs = clock.monotonic() - begun;
    const counts = attempt?.ingest.counts;
    this.#appendReport(appender, timestamp, {
      up: problem === undefined,
      durationSeconds: durationMs / 1000,
      samplesScraped: counts?.total ?? 0,
      samplesAdded: counts?.added ?? 0,
      seriesAdded: counts?.seriesAdded ?? 0,
      bodyBytes: fetched instanceof ScrapeError ? (fetched instanceof BodySizeError ? -1 : 0) : fetched.content.size,
    });
    this.status = {
      health: problem === undefined ? "up" : "down",
      lastError: problem ?? "",
      lastScrapeMs: timestamp,
      lastScrapeDurationMs: durationMs,
    };
    if (problem !== undefined) this.#complain(problem, attempt !== undefined);
    attempt?.ingest.skipped.report(metrics, this.#logger);
    this.#settings.budget.check(problem === undefined ? (counts?.cut ?? 0) : 0);
  }

  #appendReport(appender: Appender, timestamp: number, report: ScrapeReport): void {
    const limits = { timeoutMs: this.target.timeoutMs, sampleLimit: this.#settings.job.sampleLimit };
    this.#reports.append(appender, this.#environment.buffer, timestamp, report, limits);
    if (this.#environment.withMetadata) this.#reports.describe(appender);
  }

  /**
   * Reads the body and appends its samples. If the storage has forgotten series of the cache in the meantime, reads the
   * body a second time.
   */
  async #ingest(body: ScrapedBody, timestamp: number): Promise<IngestAttempt> {
    const { cache, context } = this.#context();
    eventLoop.begin("target", this.target.url);
    for (let retries = 0; ; retries++) {
      const appender = this.#appender();
      const ingest = new Ingest(context, appender, timestamp);
      const outcome = await ingest.run(body).catch((error: unknown) => {
        appender.rollback();
        throw error;
      });
      if (typeof outcome === "object" && outcome.fault !== undefined) {
        appender.rollback();
        this.#reportError(outcome.fault);
      }
      if (outcome !== "retry") return { ingest, appender, outcome };
      if (retries > 0) return { ingest, appender, outcome: { problem: "unknown series reference" } };
      appender.rollback();
      cache.synthesis?.redo();
    }
  }

  /** Writes stale markers for the series that the scrape does not contain, and updates the caches. */
  #settle(appender: Appender, problem: string | undefined, timestamp: number, body: ScrapedBody | undefined): void {
    const { series, metadata } = this.caches;
    const { budget } = this.#settings;
    this.#environment.buffer.writeStaleMarkers(appender, series.endedRefs(), timestamp);
    const stored = problem === undefined && body !== undefined && body.content.size > 0;
    if (stored) series.forgetUnseen();
    if (problem !== undefined && budget.isSet) series.forgetNew();
    const flushed = !stored && series.forgetOvergrowth();
    if (flushed) this.#environment.metrics.cacheFlushForced.inc();
    metadata.finish(stored || flushed);
  }

  #appender(): Appender {
    const { appendable, clock, synthesizesStarts } = this.#environment;
    // Discards out-of-order samples if start times are derived. A counter with a derived start continues from its last
    // sample, so the storage must not insert a sample before that sample.
    const discardOutOfOrder = synthesizesStarts;
    return appendable.appender({ maxTimestamp: clock.now() + FUTURE_MS, discardOutOfOrder });
  }

  async #commit(appender: Appender): Promise<void> {
    try {
      await appender.commit();
    } catch (error) {
      this.#logger.error("Scrape commit failed", { err: error });
    }
  }

  #complain(problem: string, whileAppending: boolean): void {
    const { job, failures } = this.#settings;
    if (whileAppending || this.forcedError !== undefined) this.#logger.debug("Append failed", { err: problem });
    else {
      this.#logger.debug("Scrape failed", { err: problem });
      // Writes an error to the failure log only if no body was received. As in Prometheus, an error in the samples of a
      // body is not written.
      failures?.write(problem, job.jobName, this.target.url);
    }
  }

  #context(): { cache: SeriesCache; context: IngestContext } {
    const { buffer, metrics, clock, pause, withMetadata, reading } = this.#environment;
    const { series: cache, metadata } = this.caches;
    const { job, budget } = this.#settings;
    const shared = { buffer, budget, metrics, clock, pause, withMetadata, reading };
    const context = { job, target: this.target, cache, metadata, ...shared };
    return { cache, context };
  }

  /**
   * Waits slightly longer than two intervals, then writes stale markers with the time at which the first of these
   * intervals ended. A series that has a newer sample gets no marker.
   */
  async #writeStaleMarkers(signal: AbortSignal): Promise<void> {
    const { clock, appendable, buffer } = this.#environment;
    await this.#schedule!.tick(signal);
    const timestamp = Math.floor(clock.now());
    await this.#schedule!.tick(signal);
    await clock.sleep(this.target.intervalMs / 10, signal);
    await this.#transaction(appendable.appender({ discardOutOfOrder: true }), (appender) => {
      buffer.writeStaleMarkers(appender, this.caches.series.liveRefs(), timestamp);
      buffer.writeStaleMarkers(appender, this.#reports.refs(appender), timestamp);
    });
  }
}
