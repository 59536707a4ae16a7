import type { ScrapeConfig } from "@narthex/config";
import type { HttpClient } from "@narthex/http";
import { formatGoDuration, type Labels } from "@narthex/model";
import { type BudgetNotices, SeriesBudget } from "../budget/series-budget.ts";
import type { FailureLog } from "../report/failure-log.ts";
import { type BodyMemory, createFetch, type Fetch } from "../fetch/fetch.ts";
import type { FamilyMetadata } from "../cache/metadata-cache.ts";
import type { PoolChange } from "./pool-change.ts";
import { type LoopCaches, type LoopEnvironment, ScrapeLoop, type TargetStatus } from "./scrape-loop.ts";
import type { Target } from "../target/target.ts";
import { SETTING } from "../target/target-settings.ts";
import { type BuiltTargets, TargetSet } from "../target/target-set.ts";
import { countTargets, type TargetGroup } from "../target/target-groups.ts";

export interface PoolEnvironment extends LoopEnvironment {
  readonly userAgent: string;
  readonly memory: BodyMemory;
  readonly notices: BudgetNotices | undefined;
  readonly failureLog: (path: string) => FailureLog | undefined;
}

/** A target with the result of its last scrape. */
export interface PoolTarget {
  readonly target: Target;
  readonly status: TargetStatus;
  /** Lists the families of the target's metadata. */
  readonly metadata: () => readonly FamilyMetadata[];
}

/** A discovered target, and the scrape loop that scrapes the target. */
interface Member {
  readonly target: Target;
  readonly loop: ScrapeLoop;
}

/** The targets of a scrape pool with their loops after an update, and the loops that must be started. */
interface MembersUpdate<T> {
  readonly members: Map<string, Member>;
  readonly added: readonly T[];
}

/** A new scrape loop and the loop that it replaces. */
interface Succession {
  readonly loop: ScrapeLoop;
  readonly before: ScrapeLoop | undefined;
}

/** Maximum time, ms, for which creating targets and starting loops may block the event loop. */
const TURN_MS = 4;
/** Number of scrape loops that are created or started between two checks of the time. */
const SLICE = 32;

/**
 * The targets of one job and the scrape loops that scrape them. Only one of sync(), reload() and stop() may run at a
 * time.
 */
export class ScrapePool {
  job: ScrapeConfig;
  /** Discovered labels of targets that relabeling dropped. Their number is limited by keep_dropped_targets. */
  dropped: readonly Labels[] = [];
  droppedCount = 0;
  readonly budget: SeriesBudget;
  readonly #environment: PoolEnvironment;
  #client: HttpClient;
  #fetch: Fetch;
  #found: TargetSet;
  #members = new Map<string, Member>();
  /** Stopped loops that still have a scrape in progress or stale markers to write. */
  readonly #leaving = new Set<ScrapeLoop>();
  /** Loops that start when the loops that they replace have ended. */
  readonly #waiting = new Map<ScrapeLoop, Promise<void>>();
  #handedOver: Promise<void> = Promise.resolve();
  #groups: readonly TargetGroup[] = [];

  constructor(job: ScrapeConfig, client: HttpClient, environment: PoolEnvironment) {
    this.job = job;
    this.#environment = environment;
    this.#client = client;
    this.budget = new SeriesBudget(job, environment);
    this.#fetch = createFetch(job, client, environment.clock, environment.userAgent, environment.memory);
    this.#found = new TargetSet(job);
  }

  /**
   * Receives the targets that discovery has found. New targets start, missing targets stop, and unchanged targets are
   * not interrupted. After all new loops are prepared, the set of targets changes in one step.
   */
  async sync(groups: readonly TargetGroup[]): Promise<void> {
    const { clock, metrics, logger } = this.#environment;
    const { jobName: scrape_job } = this.job;
    const begun = clock.monotonic();
    this.#groups = groups;
    const { targets, failures } = await this.#make();
    for (const err of failures) logger.error("Creating target failed", { scrape_pool: scrape_job, err });
    if (failures.length > 0) metrics.syncFailed.inc({ scrape_job }, failures.length);
    const before = this.#members;
    const { members, added } = await this.#inTurns(this.#join(targets, before));
    this.#members = members;
    for (const [key, { loop }] of before) if (!members.has(key)) void this.#leave(loop);
    this.#limitTargets();
    await this.#inTurns(start(added));
    metrics.syncLength.observe({ scrape_job }, (clock.monotonic() - begun) / 1000);
    metrics.poolSyncs.inc({ scrape_job });
  }

  /**
   * Applies a new configuration with its HTTP client. If the change is "everything", the state of the series is
   * discarded too. Scrapes in progress are not aborted: the new loop of a target starts after the old loop has ended.
   */
  async reload(job: ScrapeConfig, change: Exclude<PoolChange, "targets">, client: HttpClient): Promise<void> {
    const { clock, metrics, userAgent, memory } = this.#environment;
    const begun = clock.monotonic();
    const retired = this.#client;
    this.job = job;
    this.#client = client;
    this.budget.apply(job.seriesBudget);
    this.#fetch = createFetch(job, client, clock, userAgent, memory);
    this.#found = new TargetSet(job);
    const { targets } = await this.#make();
    const old = new Map([...this.#members.values()].map(({ target, loop }) => [identity(target), loop]));
    const { members, added } = await this.#inTurns(this.#replace(targets, old, change));
    this.#members = members;
    this.#limitTargets();
    const ends = added.map(({ loop, before }) => this.#follow(loop, before, change));
    for (const loop of old.values()) ends.push(this.#leave(loop));
    const handedOver = this.#handedOver;
    this.#handedOver = Promise.all(ends).then(async () => {
      await retired.close();
      await handedOver;
    });
    const interval = formatGoDuration(job.scrapeIntervalMs);
    metrics.reloadLength.observe({ interval }, (clock.monotonic() - begun) / 1000);
  }

  /** Stops all scrape loops and aborts their requests. No stale markers are written. */
  async stop(): Promise<void> {
    const loops = [...this.#leaving, ...[...this.#members.values()].map(({ loop }) => loop)];
    await Promise.all(loops.flatMap((loop) => [loop.stop({ abort: true }), loop.abandon()]));
    await this.#handedOver;
    await this.#client.close();
    this.budget.apply(undefined);
  }

  /** Number of targets that discovery has found, including targets that relabeling dropped. */
  get found(): number {
    return countTargets(this.#groups);
  }

  targets(): PoolTarget[] {
    return Array.from(this.#members.values(), ({ target, loop }) => ({
      target,
      status: loop.status,
      metadata: () => loop.caches.metadata.list(),
    }));
  }

  /** Returns the number of metric families and bytes in all metadata caches. */
  metadataSize(): { entries: number; bytes: number } {
    let entries = 0;
    let bytes = 0;
    for (const { loop } of this.#members.values()) {
      entries += loop.caches.metadata.size;
      bytes += loop.caches.metadata.bytes();
    }
    return { entries, bytes };
  }

  async #make(): Promise<BuiltTargets> {
    const built = await this.#inTurns(this.#found.build(this.#groups));
    const { keepDroppedTargets } = this.job;
    this.droppedCount = built.dropped.length;
    this.dropped = keepDroppedTargets > 0 ? built.dropped.slice(0, keepDroppedTargets) : built.dropped;
    return built;
  }

  /** Returns the targets and loops after an update: the existing ones that are still discovered, and new ones. */
  *#join(targets: readonly Target[], there: ReadonlyMap<string, Member>): Generator<void, MembersUpdate<ScrapeLoop>> {
    const members = new Map<string, Member>();
    const added: ScrapeLoop[] = [];
    for (const [i, target] of targets.entries()) {
      if (i % SLICE === SLICE - 1) yield;
      let loop = there.get(target.key)?.loop;
      if (loop === undefined) added.push((loop = this.#loop(target, undefined)));
      members.set(target.key, { target, loop });
    }
    return { members, added };
  }

  /** Creates a new scrape loop for each target, and removes the replaced loops from `old`. */
  *#replace(
    targets: readonly Target[],
    old: Map<string, ScrapeLoop>,
    change: PoolChange,
  ): Generator<void, MembersUpdate<Succession>> {
    const members = new Map<string, Member>();
    const added: Succession[] = [];
    for (const [i, target] of targets.entries()) {
      if (i % SLICE === SLICE - 1) yield;
      const before = old.get(identity(target));
      old.delete(identity(target));
      const loop = this.#loop(target, change === "requests" ? before?.caches : undefined);
      if (before !== undefined) loop.status = before.status;
      added.push({ loop, before });
      members.set(target.key, { target, loop });
    }
    return { members, added };
  }

  #loop(target: Target, caches: LoopCaches | undefined): ScrapeLoop {
    const { job } = this;
    const failures = this.#environment.failureLog(job.scrapeFailureLogFile);
    return new ScrapeLoop(
      target,
      { job, fetch: this.#fetch, failures, budget: this.budget },
      this.#environment,
      caches,
    );
  }

  /** Stops a scrape loop. Resolves when the loop, and any loop for whose end it waits, no longer scrapes. */
  async #end(loop: ScrapeLoop, { staleMarkers }: { staleMarkers: boolean }): Promise<void> {
    this.#leaving.add(loop);
    await Promise.all([this.#waiting.get(loop), loop.stop({ staleMarkers })]);
    // Subtracts the series of a removed target from the number of series of the job. Without stale markers, the next
    // loop of the target uses the caches of this loop, so the series still count.
    if (staleMarkers) loop.caches.series.release();
    void loop.finished().finally(() => this.#leaving.delete(loop));
  }

  /**
   * Ends the loop of a removed target. Then checks the series budget, because there may be no later scrape that checks
   * it.
   */
  async #leave(loop: ScrapeLoop): Promise<void> {
    await this.#end(loop, { staleMarkers: true });
    this.budget.check(0);
  }

  /** Starts a scrape loop after the loop that it replaces has ended. */
  #follow(loop: ScrapeLoop, before: ScrapeLoop | undefined, change: PoolChange): Promise<void> {
    if (before === undefined) {
      loop.start();
      return Promise.resolve();
    }
    const turn = this.#end(before, { staleMarkers: change === "everything" }).then(() => {
      this.#waiting.delete(loop);
      loop.status = before.status;
      loop.start(before);
    });
    this.#waiting.set(loop, turn);
    return turn;
  }

  /** Runs long work in short slices, so that the event loop can do other work between them. */
  async #inTurns<T>(work: Generator<void, T>): Promise<T> {
    const { clock, pause } = this.#environment;
    for (let until = clock.monotonic() + TURN_MS; ;) {
      const step = work.next();
      if (step.done === true) return step.value;
      if (clock.monotonic() < until) continue;
      await pause();
      until = clock.monotonic() + TURN_MS;
    }
  }

  #limitTargets(): void {
    const { targetLimit, jobName } = this.job;
    const { metrics } = this.#environment;
    const count = this.#members.size;
    metrics.poolTargets.set({ scrape_job: jobName }, count);
    metrics.poolTargetLimit.set({ scrape_job: jobName }, targetLimit);
    const over = targetLimit > 0 && count > targetLimit;
    if (over) metrics.exceededTargetLimit.inc();
    const problem = `target_limit exceeded (number of targets: ${count}, limit: ${targetLimit})`;
    for (const { loop } of this.#members.values()) loop.forcedError = over ? problem : undefined;
  }
}

/**
 * Returns a key that identifies a target without its interval and timeout. The key is used to find the loop that a new
 * loop replaces.
 */
const identity = ({ labels }: Target): string => labels.without(SETTING.interval, SETTING.timeout).key;

function* start(loops: readonly ScrapeLoop[]): Generator<void, void> {
  for (const [i, loop] of loops.entries()) {
    if (i % SLICE === SLICE - 1) yield;
    loop.start();
  }
}
