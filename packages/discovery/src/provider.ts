import type { Codec, DiscoveryKind, HttpClientConfig } from "@narthex/config";
import type { HttpClient, HttpClientOptions } from "@narthex/http";
import type { Clock, Logger } from "@narthex/runtime";
import type { DiscoveryMetrics } from "./metrics.ts";
import type { TargetGroup } from "./target-group.ts";

/** What the outside lends a provider. */
export interface ProviderContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
  /** Aborts when nobody needs the provider any more. */
  readonly signal: AbortSignal;
  /** `Prometheus/<version>`. */
  readonly userAgent: string;
  readonly connect: (config: HttpClientConfig, options?: HttpClientOptions) => Promise<HttpClient>;
  /** Name of the first set that asked for the provider, for metrics. */
  readonly set: string;
}

/** Takes groups; those of a source not mentioned stay as they are, a group without targets goes. */
export type Emit = (groups: readonly TargetGroup[]) => void;

/** A kind of discovery: how its section reads, and how it runs. */
export interface Mechanism extends DiscoveryKind {
  /** Short name for metrics and logs, e.g. `http`. */
  readonly name: string;
  /** Equal for configs that find the same. */
  identity(config: unknown): string;
  /** Runs until the context's signal aborts; rejects only where the provider cannot be made at all. */
  run(config: unknown, context: ProviderContext, emit: Emit): Promise<void>;
}

/** Asks once: all groups there are now; a source missing next time is gone. Throws where the answer is unusable. */
export type Refresh = () => Promise<readonly TargetGroup[]>;

/** What a kind brings that is asked again and again. */
export interface PolledKind<C> {
  readonly key: string;
  readonly name: string;
  readonly goType?: string;
  readonly codec: Codec<C>;
  intervalMs(config: C): number;
  /** Makes what every refresh needs, once per provider; rejects where the provider cannot be made at all. */
  open(config: C, context: ProviderContext): Promise<Refresh>;
}

/** What a kind brings that hears of changes by itself. */
export interface WatchedKind<C> {
  readonly key: string;
  readonly name: string;
  readonly goType?: string;
  readonly codec: Codec<C>;
  watch(config: C, context: ProviderContext, emit: Emit): Promise<void>;
}
