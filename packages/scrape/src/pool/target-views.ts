import { compareBytewise, type Labels, type Matcher, matchesAll } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { ScrapeConfig } from "@narthex/config";
import type { PoolTarget, ScrapePool } from "./pool.ts";
import { SETTING } from "../target/target-settings.ts";
import { globalUrl, type ExternalAddress } from "../target/target-url.ts";

/** Data of the response of /api/v1/targets. */
export interface TargetsData {
  readonly activeTargets: readonly ActiveTarget[];
  readonly droppedTargets: readonly DroppedTarget[];
  readonly droppedTargetCounts: Readonly<Record<string, number>> | null;
}

export interface ActiveTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  /** Time in RFC 3339. */
  readonly lastScrape: string;
  /** Duration in seconds. */
  readonly lastScrapeDuration: number;
  readonly health: "unknown" | "up" | "down";
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

interface DroppedTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
}

/** One item in the response of /api/v1/targets/metadata. */
export interface TargetMetadata {
  readonly target: Readonly<Record<string, string>>;
  /** Name of the metric. Omitted if the request named one metric. */
  readonly metric?: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** One metadata item of a metric in the response of /api/v1/metadata. */
export interface MetricMetadataRow {
  readonly type: string;
  readonly unit: string;
  readonly help: string;
}

const NEVER = "0001-01-01T00:00:00Z";

/** Targets, scrape pools and metadata as the HTTP API shows them. */
export class TargetViews {
  readonly #pools: ReadonlyMap<string, ScrapePool>;
  readonly #outside: ExternalAddress | undefined;

  constructor(pools: ReadonlyMap<string, ScrapePool>, outside: ExternalAddress | undefined) {
    this.#pools = pools;
    this.#outside = outside;
  }

  /** Returns the sorted names of all scrape pools. */
  scrapePools(): string[] {
    return [...this.#pools.keys()].toSorted(compareBytewise);
  }

  /** Returns the configuration of a scrape pool, including defaults. */
  poolConfig(name: string): ScrapeConfig | undefined {
    return this.#pools.get(name)?.job;
  }

  /**
   * Returns the targets of all scrape pools, or of one pool.
   * @param state `active`, `dropped` or `any`; any other value returns no targets
   */
  targets(state = "any", scrapePool = ""): TargetsData {
    const names = this.scrapePools().filter((name) => scrapePool === "" || name === scrapePool);
    const pools = names.map((name) => this.#pools.get(name)!);
    const wanted = state.toLowerCase();
    const active = wanted === "active" || wanted === "any";
    const dropped = wanted === "dropped" || wanted === "any";
    return {
      activeTargets: active ? pools.flatMap((pool) => pool.targets().map((one) => this.#active(pool, one))) : [],
      droppedTargets: dropped ? pools.flatMap(droppedOf) : [],
      droppedTargetCounts: dropped ? this.#droppedCounts() : null,
    };
  }

  /**
   * Returns the items of /api/v1/targets/metadata for targets whose labels match.
   * @param limit number of items after which the call reads no more targets; negative for no limit
   */
  targetMetadata(matchers: readonly Matcher[], metric: string, limit: number): TargetMetadata[] {
    const rows: TargetMetadata[] = [];
    for (const { target, metadata } of this.#targets()) {
      if (limit >= 0 && rows.length >= limit) break;
      if (!matchesAll(matchers, target.publicLabels)) continue;
      const labels = target.publicLabels.toRecord();
      for (const { metric: name, type, help, unit } of metadata()) {
        if (metric === "") rows.push({ target: labels, metric: name, type, help, unit });
        else if (name === metric) rows.push({ target: labels, type, help, unit });
      }
    }
    return rows;
  }

  /**
   * Returns the data of /api/v1/metadata: metrics with their distinct metadata over all targets.
   * @param limit maximum number of metrics; negative for all
   * @param perMetric maximum number of entries of each metric; 0 or less for all
   */
  metadata(metric: string, limit: number, perMetric: number): Record<string, MetricMetadataRow[]> {
    const found = new Map<string, Map<string, MetricMetadataRow>>();
    for (const { metadata } of this.#targets()) {
      for (const { metric: name, type, help, unit } of metadata()) {
        if (metric !== "" && name !== metric) continue;
        let rows = found.get(name);
        if (rows === undefined) found.set(name, (rows = new Map()));
        if (perMetric <= 0 || rows.size < perMetric) rows.set(JSON.stringify([type, unit, help]), { type, unit, help });
      }
    }
    const out: Record<string, MetricMetadataRow[]> = Object.create(null) as Record<string, MetricMetadataRow[]>;
    let left = limit < 0 ? Infinity : limit;
    for (const [name, rows] of found) if (left-- > 0) out[name] = [...rows.values()];
    return out;
  }

  /**
   * Collects the metadata of the given metrics in steps. If several targets expose a metric, the metadata of the first
   * target is used.
   */
  *metadataOf(names: ReadonlySet<string>): Steps<ReadonlyMap<string, MetricMetadataRow>> {
    const found = new Map<string, MetricMetadataRow>();
    for (const { metadata } of this.#targets()) {
      if (found.size === names.size) break;
      for (const { metric, type, help, unit } of metadata())
        if (names.has(metric) && !found.has(metric)) found.set(metric, { type, unit, help });
      yield;
    }
    return found;
  }

  *#targets(): Generator<PoolTarget> {
    for (const name of this.scrapePools()) yield* this.#pools.get(name)!.targets();
  }

  #droppedCounts(): Record<string, number> {
    return Object.fromEntries(this.scrapePools().map((name) => [name, this.#pools.get(name)!.droppedCount]));
  }

  #active(pool: ScrapePool, { target, status }: PoolTarget): ActiveTarget {
    const { labels, url } = target;
    const outside = globalUrl(url, labels.get("__address__"), this.#outside);
    return {
      discoveredLabels: target.discovered.toRecord(),
      labels: target.publicLabels.toRecord(),
      scrapePool: pool.job.jobName,
      scrapeUrl: url,
      globalUrl: outside.url,
      lastError: outside.problem === "" ? status.lastError : `${status.lastError}: ${outside.problem}`,
      lastScrape: status.lastScrapeMs === undefined ? NEVER : new Date(status.lastScrapeMs).toISOString(),
      lastScrapeDuration: status.lastScrapeDurationMs / 1000,
      health: status.health,
      scrapeInterval: labels.get(SETTING.interval),
      scrapeTimeout: labels.get(SETTING.timeout),
    };
  }
}

const droppedOf = (pool: ScrapePool): DroppedTarget[] =>
  pool.dropped.map((labels: Labels) => ({ discoveredLabels: labels.toRecord(), scrapePool: pool.job.jobName }));
