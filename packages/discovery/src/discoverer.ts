import { type Codec, type DiscoveryKind, type HttpClientConfig, identityOf } from "@narthex/config";
import type { HttpClient, HttpClientOptions } from "@narthex/http";
import { type Clock, logOnChange, type Logger } from "@narthex/runtime";
import type { KindMetrics } from "./kind-metrics.ts";
import type { DiscoveryMetrics } from "./metrics.ts";
import type { ReceivedBytes } from "./received-bytes.ts";
import { NoTextError } from "./running-discoverer.ts";
import type { TargetGroup } from "./target-group.ts";

export interface DiscoveryContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
  /** Aborts when no scrape job or Alertmanager configuration needs the discoverer any more. */
  readonly signal: AbortSignal;
  /** Value of the User-Agent header: `Prometheus/<version>`. */
  readonly userAgent: string;
  readonly connect: (config: HttpClientConfig, options?: HttpClientOptions) => Promise<HttpClient>;
  /**
   * Name of the scrape job or Alertmanager configuration that first requested the discoverer. Used as a metric label.
   */
  readonly set: string;
  /** Bytes of the answers that the discoverer has received since it began to refresh its targets. */
  readonly received?: ReceivedBytes;
}

/** Returns a function that waits, and that rejects if the discoverer stops. */
export const pauseOf =
  ({ clock, signal }: Pick<DiscoveryContext, "clock" | "signal">): ((ms: number) => Promise<void>) =>
  (ms) =>
    clock.sleep(ms, signal);

/**
 * Receives the target groups that have changed. A group without targets is removed. All other known groups are kept.
 */
export type Emit = (groups: readonly TargetGroup[]) => void;

/** Finds targets with one service discovery mechanism, such as DNS or Kubernetes, until the discoverer is stopped. */
export interface Discoverer extends DiscoveryKind {
  /** Short name of the discovery mechanism for metrics and logs, such as `http`. */
  readonly name: string;
  /** Name that the metrics of connections use, or a function that returns it. Default: `<name>_sd`. */
  readonly dialer?: string | ((config: unknown) => string);
  /** Own metrics of the kind. The start registers these metrics, so that they are shown before the kind is used. */
  readonly metrics?: KindMetrics<unknown>;
  /** Returns a text that is equal for configurations that find the same targets. Equal discoverers run only once. */
  identity(config: unknown): string;
  /** Runs until the context's signal aborts. Rejects only if the discoverer cannot be created. */
  run(config: unknown, context: DiscoveryContext, emit: Emit): Promise<void>;
}

/** Properties that discoverers of every kind have. */
export type KindFields = Pick<Discoverer, "key" | "name" | "goType" | "dialer" | "metrics">;

/** Properties of a discoverer that watches its source for changes. */
export interface WatchedDiscoverer<C> extends KindFields {
  readonly codec: Codec<C>;
  watch(config: C, context: DiscoveryContext, emit: Emit): Promise<void>;
}

/**
 * Returns a discoverer that watches its source, such as a service or the file system. If `emit` refuses targets, the
 * error is logged.
 */
export const defineWatched = <C>(watched: WatchedDiscoverer<C>): Discoverer =>
  defineDiscoverer({
    ...watched,
    watch: (config, context, emit) => watched.watch(config, context, lastingEmit(emit, context.logger)),
  });

/** Returns a discoverer. Unlike with defineWatched(), an error that `emit` throws is thrown to the discoverer. */
export const defineDiscoverer = <C>(watched: WatchedDiscoverer<C>): Discoverer => ({
  ...watched,
  identity: (config) => `${watched.key}\n${identityOf(watched.codec, config as C)}`,
  run: (config, context, emit) => watched.watch(config as C, context, emit),
});

/**
 * Wraps `emit` for a discoverer that cannot handle errors. If a target group is refused, logs the error and emits the
 * other groups.
 */
function lastingEmit(emit: Emit, logger: Logger): Emit {
  const taking = logOnChange(logger, "applying the targets of a watch (the last valid ones stay)");
  let refused = "";
  const takeOne = (group: TargetGroup): void => {
    try {
      emit([group]);
      if (group.source === refused) taking.succeeded();
    } catch (cause) {
      if (!(cause instanceof NoTextError)) throw cause;
      refused = group.source;
      taking.failed(cause.message);
    }
  };
  return (groups) => {
    try {
      emit(groups);
      if (groups.some(({ source }) => source === refused)) taking.succeeded();
    } catch (cause) {
      if (!(cause instanceof NoTextError)) throw cause;
      for (const group of groups) takeOne(group);
    }
  };
}
