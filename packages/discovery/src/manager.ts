import type { DiscoveryConfig, StaticConfig } from "@narthex/config";
import { createHttpClient } from "@narthex/http";
import type { Clock, Logger } from "@narthex/runtime";
import type { DiscoveryMetrics } from "./metrics.ts";
import type { Mechanism, ProviderContext } from "./provider.ts";
import { RunningProvider } from "./running-provider.ts";
import { UpdateRhythm } from "./update-rhythm.ts";
import { groupFromStatic, type TargetGroup } from "./target-group.ts";

/** Where the targets of one set (a scrape job, a list of Alertmanagers) come from. */
export interface DiscoverySet {
  readonly staticConfigs: readonly StaticConfig[];
  readonly discoveryConfigs: readonly DiscoveryConfig[];
}

/** All target groups of every set, by the set's name. */
export type TargetSets = ReadonlyMap<string, readonly TargetGroup[]>;

export interface DiscoveryManagerOptions {
  /** `scrape` or `notify`, for metrics. */
  readonly name: string;
  readonly mechanisms: readonly Mechanism[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
  /** `Prometheus/<version>`. */
  readonly userAgent: string;
  /** Hears all sets, at once after apply() and then after changes, at most each 5 s. */
  readonly onTargets: (sets: TargetSets) => void;
  readonly connect?: ProviderContext["connect"];
}

/**
 * Runs the providers that the configuration asks for, equal ones once, and hands on what they find. A provider that
 * survives a reload keeps its targets; one that fails keeps the last good ones.
 */
export class DiscoveryManager {
  readonly #options: DiscoveryManagerOptions;
  readonly #mechanisms: ReadonlyMap<string, Mechanism>;
  readonly #rhythm: UpdateRhythm;
  #sets: ReadonlyMap<string, DiscoverySet> = new Map();
  /** By identity of mechanism and config. */
  #providers = new Map<string, RunningProvider>();
  /** Identities of each set's providers. */
  #needs = new Map<string, readonly string[]>();

  constructor(options: DiscoveryManagerOptions) {
    this.#options = options;
    this.#mechanisms = new Map(options.mechanisms.map((mechanism) => [mechanism.key, mechanism]));
    this.#rhythm = new UpdateRhythm(options.clock, () => this.#send());
  }

  /** Makes these sets the ones to be found; sends all groups known so far before it returns. */
  apply(sets: ReadonlyMap<string, DiscoverySet>): void {
    const kept = new Map<string, RunningProvider>();
    this.#needs = new Map();
    const { name: manager, metrics } = this.#options;
    for (const config of this.#sets.keys()) if (!sets.has(config)) forget(metrics, manager, config);
    this.#sets = sets;
    for (const [name, set] of sets) this.#needs.set(name, this.#providersFor(name, set, kept));
    for (const [identity, provider] of this.#providers) if (!kept.has(identity)) provider.stop();
    this.#providers = kept;
    this.#countFailures();
    this.#rhythm.now();
  }

  /** Stops all providers; nothing is sent any more. */
  stop(): void {
    this.#rhythm.stop();
    for (const provider of this.#providers.values()) provider.stop();
    this.#providers.clear();
  }

  #providersFor(name: string, set: DiscoverySet, kept: Map<string, RunningProvider>): string[] {
    const identities: string[] = [];
    for (const { kind, config } of set.discoveryConfigs) {
      const mechanism = this.#mechanisms.get(kind);
      if (mechanism === undefined) continue;
      const identity = mechanism.identity(config);
      identities.push(identity);
      if (kept.has(identity)) continue;
      kept.set(identity, this.#providers.get(identity) ?? this.#start(name, mechanism, config));
    }
    return identities;
  }

  #start(set: string, mechanism: Mechanism, config: unknown): RunningProvider {
    const { name, clock, logger, metrics, userAgent, connect } = this.#options;
    const provider = new RunningProvider(() => {
      metrics.receivedUpdates.inc({ name });
      if (this.#rhythm.changed()) metrics.delayedUpdates.inc({ name });
    });
    const context = {
      clock,
      logger: logger.child({ component: `discovery manager ${name}`, discovery: mechanism.name, config: set }),
      metrics,
      signal: provider.signal,
      userAgent,
      connect: connect ?? createHttpClient,
      set,
    };
    mechanism
      .run(config, context, (groups) => provider.take(groups))
      .catch((error: unknown) => {
        provider.failed = true;
        const err = error instanceof Error ? error.message : String(error);
        context.logger.error("Cannot create service discovery", { err, type: mechanism.name });
        this.#countFailures();
      });
    return provider;
  }

  #countFailures(): void {
    const failed = [...this.#providers.values()].filter((provider) => provider.failed).length;
    this.#options.metrics.failedConfigs.set({ name: this.#options.name }, failed);
  }

  #send(): void {
    const { name, metrics, clock, onTargets } = this.#options;
    const found = new Map<string, readonly TargetGroup[]>();
    for (const [set, { staticConfigs }] of this.#sets) {
      const groups = staticConfigs.map((config, i) => groupFromStatic(config, String(i)));
      for (const identity of this.#needs.get(set) ?? []) {
        groups.push(...(this.#providers.get(identity)?.groups.values() ?? []));
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

function forget(metrics: DiscoveryMetrics, name: string, config: string): void {
  metrics.discoveredTargets.remove({ name, config });
  metrics.lastUpdate.remove({ name, config });
}
