import type { DiscoveryConfig, StaticConfig } from "@narthex/config";
import type { HttpClientConfig } from "@narthex/config";
import { createHttpClient, type Dialers, type HttpClientOptions } from "@narthex/http";
import { type Clock, errorText, type Logger } from "@narthex/runtime";
import type { DiscoveryMetrics } from "./metrics.ts";
import type { Discoverer, DiscoveryContext } from "./discoverer.ts";
import { RunningDiscoverer } from "./running-discoverer.ts";
import { UpdateThrottle } from "./update-throttle.ts";
import { groupFromStatic, type TargetGroup } from "./target-group.ts";

/** The sources of the targets of one set, which is a scrape job or a list of Alertmanagers. */
export interface DiscoverySet {
  readonly staticConfigs: readonly StaticConfig[];
  readonly discoveryConfigs: readonly DiscoveryConfig[];
}

/** All target groups, by the name of the scrape job or Alertmanager list. */
export type TargetGroupsByJob = ReadonlyMap<string, readonly TargetGroup[]>;

export interface DiscoveryManagerOptions {
  /** Purpose of the manager, which is the label `name` of its metrics: `scrape` or `notify`. */
  readonly name: string;
  readonly discoverers: readonly Discoverer[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
  /** Value of the User-Agent header: `Prometheus/<version>`. */
  readonly userAgent: string;
  /** Receives all sets at once after apply(), and after changes at most every 5 s. */
  readonly onTargets: (sets: TargetGroupsByJob) => void;
  /** Called, instead of logging, with the error of a discoverer that cannot be started. */
  readonly onFailure?: (error: Error) => void;
  readonly connect?: DiscoveryContext["connect"];
  /** Connection counters for each kind of discovery. */
  readonly dialers?: Dialers;
}

/**
 * Runs the configured discoverers and passes on their targets; equal discoverers run only once. After a reload,
 * unchanged discoverers keep their targets; a failing discoverer keeps its last valid targets.
 */
export class DiscoveryManager {
  readonly #options: DiscoveryManagerOptions;
  readonly #registry: ReadonlyMap<string, Discoverer>;
  readonly #throttle: UpdateThrottle;
  #sets: ReadonlyMap<string, DiscoverySet> = new Map();
  /** Running discoverers, by the identity of discoverer and configuration. */
  #running = new Map<string, RunningDiscoverer>();
  /** Identities of each set's discoverers. */
  #needs = new Map<string, readonly string[]>();

  constructor(options: DiscoveryManagerOptions) {
    this.#options = options;
    this.#registry = new Map(options.discoverers.map((discoverer) => [discoverer.key, discoverer]));
    this.#throttle = new UpdateThrottle(options.clock, () => this.#send());
  }

  /** Replaces the scrape jobs or Alertmanager lists. Sends all known target groups before it returns. */
  apply(sets: ReadonlyMap<string, DiscoverySet>): void {
    const kept = new Map<string, RunningDiscoverer>();
    this.#needs = new Map();
    const { name: manager, metrics } = this.#options;
    for (const config of this.#sets.keys()) if (!sets.has(config)) forget(metrics, manager, config);
    this.#sets = sets;
    for (const [name, set] of sets) this.#needs.set(name, this.#discoverersFor(name, set, kept));
    for (const [identity, running] of this.#running) if (!kept.has(identity)) running.stop();
    this.#running = kept;
    this.#countFailures();
    this.#throttle.now();
  }

  /** Stops all discoverers. No more targets are sent. */
  stop(): void {
    this.#throttle.stop();
    for (const running of this.#running.values()) running.stop();
    this.#running.clear();
  }

  #discoverersFor(name: string, set: DiscoverySet, kept: Map<string, RunningDiscoverer>): string[] {
    const identities: string[] = [];
    for (const { kind, config } of set.discoveryConfigs) {
      const discoverer = this.#registry.get(kind)!;
      const identity = discoverer.identity(config);
      identities.push(identity);
      if (kept.has(identity)) continue;
      kept.set(identity, this.#running.get(identity) ?? this.#start(name, discoverer, config));
    }
    return identities;
  }

  #start(set: string, discoverer: Discoverer, config: unknown): RunningDiscoverer {
    const { name, clock, logger, metrics, userAgent, connect = createHttpClient, dialers, onFailure } = this.#options;
    const { dialer = `${discoverer.name}_sd` } = discoverer;
    const dials = dialers?.of(typeof dialer === "string" ? dialer : dialer(config));
    const running = new RunningDiscoverer(() => {
      metrics.receivedUpdates.inc({ name });
      if (this.#throttle.changed()) metrics.delayedUpdates.inc({ name });
    });
    const ownLogger = logger.child({ component: `discovery manager ${name}`, discovery: discoverer.name, config: set });
    const context = {
      clock,
      logger: ownLogger,
      metrics,
      signal: running.signal,
      userAgent,
      connect: (to: HttpClientConfig, options: HttpClientOptions = {}) =>
        connect(to, { ...options, dials, logger: ownLogger }),
      set,
    };
    discoverer
      .run(config, context, (groups) => running.take(groups))
      .catch((error: unknown) => {
        running.failure = new Error(errorText(error), { cause: error });
        if (onFailure === undefined) logFailure(ownLogger, discoverer.name, running.failure);
        this.#countFailures();
        onFailure?.(running.failure);
      });
    return running;
  }

  #countFailures(): void {
    const { name, metrics } = this.#options;
    const failures = [...this.#running.values()].filter(({ failure }) => failure !== undefined).length;
    metrics.failedConfigs.set({ name }, failures);
  }

  #send(): void {
    const { name, metrics, clock, onTargets } = this.#options;
    const found = new Map<string, readonly TargetGroup[]>();
    for (const [set, { staticConfigs }] of this.#sets) {
      const groups = staticConfigs.map((config, i) => groupFromStatic(config, String(i)));
      for (const identity of this.#needs.get(set) ?? []) {
        // Groups are added one by one, because a spread of a long list would overflow the stack.
        for (const group of this.#running.get(identity)?.groups.values() ?? []) groups.push(group);
      }
      found.set(set, groups);
      const count = groups.reduce((sum, group) => sum + group.targets.length, 0);
      metrics.discoveredTargets.set({ name, config: set }, count);
      metrics.lastUpdate.set({ name, config: set }, clock.now() / 1000);
    }
    metrics.updates.inc({ name });
    onTargets(found);
  }
}

function logFailure(logger: Logger, type: string, failure: Error): void {
  logger.error("Cannot create service discovery", { err: failure.message, type });
}

function forget(metrics: DiscoveryMetrics, name: string, config: string): void {
  metrics.discoveredTargets.remove({ name, config });
  metrics.lastUpdate.remove({ name, config });
}
