import type { ScrapeConfig } from "@narthex/config";
import type { HttpClient } from "@narthex/http";
import { formatGoDuration, type Labels } from "@narthex/model";
import type { FailureLog } from "./failure-log.ts";
import { createFetch, type Fetch } from "./fetch.ts";
import type { FamilyMetadata } from "./metadata-cache.ts";
import { type LoopEnvironment, ScrapeLoop, type TargetStatus } from "./scrape-loop.ts";
import { buildTargets, type Target } from "./target.ts";
import type { TargetGroup } from "./target-sets.ts";

/** How much of a pool survives a change of its configuration. */
export type PoolChange = "targets" | "requests" | "everything";

/** What a pool needs besides its configuration. */
export interface PoolEnvironment extends LoopEnvironment {
  readonly userAgent: string;
  readonly connect: (config: ScrapeConfig["httpClient"]) => Promise<HttpClient>;
  readonly failureLog: (path: string) => FailureLog | undefined;
}

/** A target with what the last scrape showed. */
export interface PoolTarget {
  readonly target: Target;
  readonly status: TargetStatus;
  readonly metadata: readonly FamilyMetadata[];
}

/** The targets of one job and the loops that scrape them. */
export class ScrapePool {
  job: ScrapeConfig;
  /** Discovered labels of dropped targets, up to keep_dropped_targets. */
  dropped: readonly Labels[] = [];
  droppedCount = 0;
  readonly #environment: PoolEnvironment;
  #client: HttpClient;
  #fetch: Fetch;
  #loops = new Map<string, ScrapeLoop>();
  /** Loops that still have ends to mark. */
  readonly #leaving = new Set<ScrapeLoop>();
  #groups: readonly TargetGroup[] = [];

  private constructor(job: ScrapeConfig, client: HttpClient, environment: PoolEnvironment) {
    this.job = job;
    this.#environment = environment;
    this.#client = client;
    this.#fetch = createFetch(job, client, environment.clock, environment.userAgent);
  }

  /** Rejects where the HTTP client cannot be made (TLS files). */
  static async create(job: ScrapeConfig, environment: PoolEnvironment): Promise<ScrapePool> {
    return new ScrapePool(job, await environment.connect(job.httpClient), environment);
  }

  /** Takes what discovery found: new targets start, missing ones leave, the others go on undisturbed. */
  sync(groups: readonly TargetGroup[]): void {
    const { clock, metrics, logger } = this.#environment;
    const { jobName, keepDroppedTargets } = this.job;
    const begun = clock.monotonic();
    this.#groups = groups;
    const built = buildTargets(groups, this.job);
    for (const err of built.failures) logger.error("Creating target failed", { scrape_pool: jobName, err });
    if (built.failures.length > 0) metrics.syncFailed.inc({ scrape_job: jobName }, built.failures.length);
    this.droppedCount = built.dropped.length;
    this.dropped = keepDroppedTargets > 0 ? built.dropped.slice(0, keepDroppedTargets) : built.dropped;
    this.#apply(built.targets);
    const seconds = (clock.monotonic() - begun) / 1000;
    metrics.syncLength.observe({ scrape_job: jobName }, seconds);
    metrics.poolSyncs.inc({ scrape_job: jobName });
  }

  /** Works by a new configuration from now on. "everything": what is known of the targets' series starts anew. */
  async reload(job: ScrapeConfig, change: PoolChange): Promise<void> {
    const { clock, metrics, connect, userAgent } = this.#environment;
    const begun = clock.monotonic();
    if (change === "targets") {
      this.job = job;
      return;
    }
    const client = await connect(job.httpClient);
    const retired = this.#client;
    this.job = job;
    this.#client = client;
    this.#fetch = createFetch(job, client, clock, userAgent);
    const old = this.#loops;
    this.#loops = new Map();
    const { targets } = buildTargets(this.#groups, job);
    const bySeries = new Map([...old.values()].map((loop) => [loop.target.publicLabels.key, loop]));
    await Promise.all([...old.values()].map((loop) => loop.stop(change === "everything")));
    for (const loop of old.values()) this.#see(loop);
    for (const target of targets) {
      const before = change === "requests" ? (old.get(target.key) ?? bySeries.get(target.publicLabels.key)) : undefined;
      this.#start(target, before);
    }
    this.#limitTargets();
    await retired.close();
    metrics.reloadLength.observe(
      { interval: formatGoDuration(job.scrapeIntervalMs) },
      (clock.monotonic() - begun) / 1000,
    );
  }

  /** Stops all loops; no ends are marked. */
  async stop(): Promise<void> {
    await Promise.all([...this.#loops.values()].map((loop) => loop.stop(false)));
    await Promise.all([...this.#leaving].map((loop) => loop.abandon()));
    await this.#client.close();
  }

  targets(): PoolTarget[] {
    return [...this.#loops.values()].map((loop) => ({
      target: loop.target,
      status: loop.status,
      metadata: loop.caches.metadata.list(),
    }));
  }

  /** Families and bytes in all metadata caches. */
  metadataSize(): { entries: number; bytes: number } {
    let entries = 0;
    let bytes = 0;
    for (const { caches } of this.#loops.values()) {
      entries += caches.metadata.size;
      bytes += caches.metadata.bytes();
    }
    return { entries, bytes };
  }

  #apply(targets: readonly Target[]): void {
    const wanted = new Set(targets.map((target) => target.key));
    for (const [key, loop] of this.#loops) {
      if (wanted.has(key)) continue;
      this.#loops.delete(key);
      this.#leaving.add(loop);
      void loop.stop(true).then(() => this.#see(loop));
    }
    for (const target of targets) if (!this.#loops.has(target.key)) this.#start(target, undefined);
    this.#limitTargets();
  }

  /** Waits for a stopped loop's last deed. */
  #see(loop: ScrapeLoop): void {
    this.#leaving.add(loop);
    void loop.finished().finally(() => this.#leaving.delete(loop));
  }

  #start(target: Target, before: ScrapeLoop | undefined): void {
    const { job } = this;
    const failures = this.#environment.failureLog(job.scrapeFailureLogFile);
    // The fetch is looked up per scrape: a loop that lives through a change of the client uses the new one.
    const fetch: Fetch = (of, signal) => this.#fetch(of, signal);
    const loop = new ScrapeLoop(target, { job, fetch, failures }, this.#environment, before?.caches);
    if (before !== undefined) loop.status = before.status;
    this.#loops.set(target.key, loop);
    loop.start();
  }

  #limitTargets(): void {
    const { targetLimit, jobName } = this.job;
    const { metrics } = this.#environment;
    const count = this.#loops.size;
    metrics.poolTargets.set({ scrape_job: jobName }, count);
    metrics.poolTargetLimit.set({ scrape_job: jobName }, targetLimit);
    const over = targetLimit > 0 && count > targetLimit;
    if (over) metrics.exceededTargetLimit.inc();
    const problem = `target_limit exceeded (number of targets: ${count}, limit: ${targetLimit})`;
    for (const loop of this.#loops.values()) loop.forcedError = over ? problem : undefined;
  }
}
