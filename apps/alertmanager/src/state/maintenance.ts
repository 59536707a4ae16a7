import type { Feature } from "@narthex/http";
import type { Context } from "../context.ts";
import type { Engine } from "../dispatching/engine.ts";
import type { StateStores } from "./state-stores.ts";

/** Forgets ended alerts, silences and log entries at their intervals. */
export function openMaintenance({ clock, flags, logger }: Context, state: StateStores, engine: Engine): Feature {
  const cancels = new Map<string, () => void>();
  const every = (name: string, ms: number, run: () => Promise<void> | void): void => {
    const arm = (): void =>
      void cancels.set(
        name,
        clock.after(ms, () => {
          void Promise.resolve()
            .then(run)
            .catch((error: unknown) => logger.error("Maintenance failed", { part: name, err: error }))
            .finally(arm);
        }),
      );
    arm();
  };
  every("alerts", flags["alerts.gc-interval"], async () => {
    state.alerts.collect(clock.now());
    const awaited = new Set(engine.awaited().map(({ fingerprint }) => fingerprint));
    await state.journal.collect((fingerprint) => awaited.has(fingerprint));
  });
  every("state", flags["data.maintenance-interval"], () => state.collect());
  return {
    name: "maintenance",
    stop() {
      for (const cancel of cancels.values()) cancel();
    },
  };
}
