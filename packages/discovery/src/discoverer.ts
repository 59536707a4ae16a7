import { type Codec, type DiscoveryKind, type HttpClientConfig, identityOf } from "@narthex/config";
import type { HttpClient, HttpClientOptions } from "@narthex/http";
import { type Clock, logOnChange, type Logger } from "@narthex/runtime";
import type { DiscoveryMetrics } from "./metrics.ts";
import { NoTextError } from "./running-discoverer.ts";
import type { TargetGroup } from "./target-group.ts";

/** What the manager hands a discoverer. */
export interface DiscoveryContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
  /** Aborts when no set needs the discoverer any more. */
  readonly signal: AbortSignal;
  /** `Prometheus/<version>`. */
  readonly userAgent: string;
  readonly connect: (config: HttpClientConfig, options?: HttpClientOptions) => Promise<HttpClient>;
  /** Name of the first set that asked for the discoverer, for metrics. */
  readonly set: string;
}

/** A section that the configuration accepts and this build has no discovery for. */
export class UnbuiltDiscoveryError extends Error {
  override readonly name = "UnbuiltDiscoveryError";
  /** The section, for example `azure_sd_configs`. */
  readonly section: string;

  constructor(section: string) {
    super(`${section} is accepted, but this kind of discovery is not in this build: it finds nothing`);
    this.section = section;
  }
}

/** Takes groups; those of a source not mentioned stay as they are, a group without targets goes. */
export type Emit = (groups: readonly TargetGroup[]) => void;

/** Finds targets in one kind of place: how its section of the configuration is read, and how it runs. */
export interface Discoverer extends DiscoveryKind {
  /** Short name for metrics and logs, e.g. `http`. */
  readonly name: string;
  /** Equal for configs that find the same. */
  identity(config: unknown): string;
  /** Runs until the context's signal aborts; rejects only where the discoverer cannot be made at all. */
  run(config: unknown, context: DiscoveryContext, emit: Emit): Promise<void>;
}

/** What a discoverer that hears of changes by itself consists of. */
export interface WatchedDiscoverer<C> {
  readonly key: string;
  readonly name: string;
  readonly goType?: string;
  readonly codec: Codec<C>;
  watch(config: C, context: DiscoveryContext, emit: Emit): Promise<void>;
}

/** A discoverer that hears of changes by itself, in a watch or from the file system. */
export const defineWatched = <C>(watched: WatchedDiscoverer<C>): Discoverer =>
  defineDiscoverer({
    ...watched,
    watch: (config, context, emit) => watched.watch(config, context, lastingEmit(emit, context.logger)),
  });

/** The same, but what the manager refuses is thrown at its caller. */
export const defineDiscoverer = <C>(watched: WatchedDiscoverer<C>): Discoverer => ({
  key: watched.key,
  name: watched.name,
  ...(watched.goType === undefined ? {} : { goType: watched.goType }),
  codec: watched.codec,
  identity: (config) => `${watched.key}\n${identityOf(watched.codec, config as C)}`,
  run: (config, context, emit) => watched.watch(config as C, context, emit),
});

/** A watch has no caller that could count a failure: a group that is refused is logged, and the others are taken. */
function lastingEmit(emit: Emit, logger: Logger): Emit {
  const taking = logOnChange(logger, "taking over targets of a watch (the last good ones stay)");
  let refused = "";
  const takeOne = (group: TargetGroup): void => {
    try {
      emit([group]);
      if (group.source === refused) taking.worked();
    } catch (cause) {
      if (!(cause instanceof NoTextError)) throw cause;
      refused = group.source;
      taking.failed(cause.message);
    }
  };
  return (groups) => {
    try {
      emit(groups);
      if (groups.some(({ source }) => source === refused)) taking.worked();
    } catch (cause) {
      if (!(cause instanceof NoTextError)) throw cause;
      for (const group of groups) takeOne(group);
    }
  };
}
