import { Labels } from "@narthex/model";
import { errorText, logOnChange } from "@narthex/runtime";
import { targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext, Emit } from "../../discoverer.ts";
import { MIN_PAUSE_MS, pauseAfter, sleepUnlessStopped } from "../../polled-discoverer.ts";
import { AssignmentServer } from "./assignment-server.ts";
import { kumaMetrics } from "./kuma-metrics.ts";
import type { KumaDiscovery } from "./kuma.ts";
import { targetsOfAssignment } from "./assignment-targets.ts";

/**
 * Follows the monitoring assignments of a control plane, which answers when they have changed, until discovery is
 * stopped. After a failure the last targets stay. Rejects if the server's URL cannot be used.
 */
export async function watchAssignments(config: KumaDiscovery, context: DiscoveryContext, emit: Emit): Promise<void> {
  const server = await AssignmentServer.open(config, context);
  const { clock, signal } = context;
  const metrics = kumaMetrics.of(context.metrics);
  const log = logOnChange(context.logger, "Unable to refresh target groups: discovery");
  while (!signal.aborted) {
    const begun = clock.monotonic();
    let pauseMs = MIN_PAUSE_MS;
    try {
      const update = await timed(context, () => server.fetch());
      if (update === undefined) metrics.skippedUpdates.inc();
      else {
        const targets = await targetsInTurns(clock, update.assignments, targetsOfAssignment);
        if (signal.aborted) return;
        emit([{ source: "kuma", targets, labels: Labels.EMPTY }]);
        server.accept(update);
      }
      log.succeeded();
    } catch (error) {
      if (signal.aborted) return;
      metrics.failures.inc();
      pauseMs = pauseAfter(error);
      log.failed(errorText(error));
    }
    await sleepUnlessStopped(context, Math.max(config.refreshIntervalMs - (clock.monotonic() - begun), pauseMs));
  }
}

async function timed<T>(context: DiscoveryContext, request: () => Promise<T>): Promise<T> {
  const begun = context.clock.monotonic();
  try {
    return await request();
  } finally {
    kumaMetrics.of(context.metrics).duration.observe((context.clock.monotonic() - begun) / 1000);
  }
}
