import type { Codec } from "@narthex/config";
import { ServiceError } from "@narthex/http";
import { Labels } from "@narthex/model";
import { errorText, logOnChange } from "@narthex/runtime";
import { defineDiscoverer, type Discoverer, type DiscoveryContext, type Emit, type KindFields } from "./discoverer.ts";
import { ReceivedBytes } from "./received-bytes.ts";
import type { TargetGroup } from "./target-group.ts";

/**
 * Requests all current target groups; sources without a group in the result are removed. Throws if the answer cannot be
 * used.
 */
export type Refresh = () => Promise<readonly TargetGroup[]>;

export interface PolledDiscoverer<C> extends KindFields {
  readonly codec: Codec<C>;
  intervalMs(config: C): number;
  /** Labels of the metrics of refreshes. Default: the kind's name, and the name of the set. */
  refreshLabels?(config: C, set: string): RefreshLabels;
  /** Returns a function that refreshes the targets of one discoverer. Rejects if the discoverer cannot be created. */
  open(config: C, context: DiscoveryContext): Promise<Refresh>;
}

interface RefreshLabels {
  readonly mechanism: string;
  readonly config: string;
}

/**
 * Minimum pause, ms, between two refreshes. The interval 0 is valid in the file, but no service should be requested
 * without a pause.
 */
export const MIN_PAUSE_MS = 100;

/** Maximum time for which a service can delay the next refresh with the header `Retry-After`. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * Returns a discoverer that polls immediately and then at each interval. After a failure the last valid answer is kept;
 * failures are counted, and a repeated failure is logged once.
 */
export const definePolled = <C>(polled: PolledDiscoverer<C>): Discoverer =>
  defineDiscoverer<C>({
    ...polled,
    async watch(config, context, emit) {
      const labels = polled.refreshLabels?.(config, context.set) ?? { mechanism: polled.name, config: context.set };
      const failures = context.metrics.refreshFailures.labels(labels);
      failures.inc(0);
      const log = logOnChange(context.logger, "Unable to refresh target groups: discovery");
      const received = context.received ?? new ReceivedBytes();
      const refresh = await polled.open(config, { ...context, received });
      let last: ReadonlySet<string> = new Set();
      while (!context.signal.aborted) {
        const begun = context.clock.monotonic();
        let pauseMs = MIN_PAUSE_MS;
        received.reset();
        try {
          const groups = await refresh();
          if (context.signal.aborted) return;
          last = emitAll(groups, last, emit);
          log.succeeded();
        } catch (error) {
          if (context.signal.aborted) return;
          failures.inc();
          pauseMs = pauseAfter(error);
          log.failed(errorText(error));
        }
        const took = context.clock.monotonic() - begun;
        context.metrics.refreshDuration.observe(labels, took / 1000);
        await sleepUnlessStopped(context, Math.max(polled.intervalMs(config) - took, pauseMs));
      }
    },
  });

/** Returns the minimum pause, ms, after a failed request. A service can delay the next one with `Retry-After`. */
export const pauseAfter = (error: unknown): number =>
  error instanceof ServiceError
    ? Math.max(MIN_PAUSE_MS, Math.min(error.retryAfterMs, MAX_RETRY_AFTER_MS))
    : MIN_PAUSE_MS;

/** Waits for a time, or until discovery is stopped. The caller must check the signal afterwards. */
export async function sleepUnlessStopped(context: DiscoveryContext, ms: number): Promise<void> {
  try {
    await context.clock.sleep(ms, context.signal);
  } catch {
    // Ignores the error: the wait was aborted because discovery was stopped.
  }
}

/** Emits the groups, and an empty group for each source that does not exist any more. Returns the current sources. */
export function emitAll(groups: readonly TargetGroup[], last: ReadonlySet<string>, emit: Emit): ReadonlySet<string> {
  const sources = new Set(groups.map((group) => group.source));
  const gone = [...last].filter((source) => !sources.has(source));
  emit([...groups, ...gone.map((source) => ({ source, targets: [], labels: Labels.EMPTY }))]);
  return sources;
}
