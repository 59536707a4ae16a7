import type { Feature } from "@narthex/http";
import type { Context } from "../context.ts";
import type { Engine } from "../dispatching/engine.ts";
import type { StateStores } from "./state-stores.ts";

/** Adds the feature that removes old alerts, silences and log entries at intervals. */
export function openMaintenance({ clock, flags, logger }: Context, state: StateStores, engine: Engine): Feature {
  const parts: { cancel: () => void; running: Promise<void> }[] = [];
  let isStopped = false;
  const every = (name: string, ms: number, run: () => Promise<void> | void): void => {
    const part = { cancel: (): void => undefined, running: Promise.resolve() };
    const once = async (): Promise<void> => {
      try {
        await run();
      } catch (error) {
        logger.error("Maintenance failed", { part: name, err: error });
      }
      arm();
    };
    const arm = (): void => {
      if (!isStopped) part.cancel = clock.after(ms, () => (part.running = once()));
    };
    arm();
    parts.push(part);
  };
  every("alerts", flags["alerts.gc-interval"], async () => {
    state.alerts.collect(clock.now());
    const awaited = new Set(engine.awaited().map(({ fingerprint }) => fingerprint));
    await state.journal.collect((fingerprint) => awaited.has(fingerprint));
  });
  every("state", flags["data.maintenance-interval"], () => state.collect());
  return {
    name: "maintenance",
    /** Waits until all writes have ended, because the stores are closed afterwards. */
    async stop() {
      isStopped = true;
      for (const part of parts) part.cancel();
      await Promise.all(parts.map(({ running }) => running));
    },
  };
}
