import { Labels } from "@narthex/model";
import { logOnChange } from "@narthex/runtime";
import type { Emit, Mechanism, PolledKind, ProviderContext } from "./provider.ts";
import type { TargetGroup } from "./target-group.ts";
import { defineWatched } from "./watched.ts";

/** Pause after a refresh that took its whole interval: 0 is valid in the file, and nobody wants to be asked without pause. */
export const SHORTEST_PAUSE_MS = 100;

/**
 * A mechanism of a kind that is asked again and again: at once, then each interval. A failure keeps the last good answer,
 * is counted, and logged once per change.
 */
export const definePolled = <C>(kind: PolledKind<C>): Mechanism =>
  defineWatched<C>({
    key: kind.key,
    name: kind.name,
    ...(kind.goType === undefined ? {} : { goType: kind.goType }),
    codec: kind.codec,
    async watch(config, context, emit) {
      const failures = context.metrics.refreshFailures.labels({ mechanism: kind.name, config: context.set });
      failures.inc(0);
      const log = logOnChange(context.logger, "Unable to refresh target groups: discovery");
      const refresh = await kind.open(config, context);
      let last: ReadonlySet<string> = new Set();
      while (!context.signal.aborted) {
        const begun = context.clock.monotonic();
        try {
          const groups = await refresh();
          if (context.signal.aborted) return;
          last = emitAll(groups, last, emit);
          log.worked();
        } catch (error) {
          if (context.signal.aborted) return;
          failures.inc();
          log.failed(error instanceof Error ? error.message : String(error));
        }
        const took = context.clock.monotonic() - begun;
        observe(kind.name, context, took);
        await rest(context, Math.max(kind.intervalMs(config) - took, SHORTEST_PAUSE_MS));
      }
    },
  });

function observe(mechanism: string, context: ProviderContext, ms: number): void {
  context.metrics.refreshDuration.observe({ mechanism, config: context.set }, ms / 1000);
}

/** Waits, also when told to stop: the loop looks at the signal itself. */
export async function rest(context: ProviderContext, ms: number): Promise<void> {
  try {
    await context.clock.sleep(ms, context.signal);
  } catch {
    // stopped
  }
}

/** Emits the groups, and empty ones for sources that are gone; returns the sources there are. */
export function emitAll(groups: readonly TargetGroup[], last: ReadonlySet<string>, emit: Emit): ReadonlySet<string> {
  const sources = new Set(groups.map((group) => group.source));
  const gone = [...last].filter((source) => !sources.has(source));
  emit([...groups, ...gone.map((source) => ({ source, targets: [], labels: Labels.EMPTY }))]);
  return sources;
}
