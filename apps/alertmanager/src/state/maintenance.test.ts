import { ManualClock, memoryLogger, settle } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Context } from "../context.ts";
import type { Engine } from "../dispatching/engine.ts";
import { openMaintenance } from "./maintenance.ts";
import type { StateStores } from "./state-stores.ts";

test("stop() waits for the running writes of maintenance, and no write starts after it", async () => {
  const clock = new ManualClock();
  const logger = memoryLogger();
  const flags = { "alerts.gc-interval": 60_000, "data.maintenance-interval": 10_000 };
  let begun = 0;
  let finish = (): void => undefined;
  const state = {
    collect: () => {
      begun++;
      return new Promise<void>((resolve) => (finish = resolve));
    },
  };
  const maintenance = openMaintenance(
    { clock, flags, logger } as unknown as Context,
    state as unknown as StateStores,
    {} as Engine,
  );
  await clock.advance(10_000);
  expect(begun).toBe(1);
  let isStopped = false;
  const stopped = Promise.resolve(maintenance.stop!()).then(() => (isStopped = true));
  await settle();
  expect(isStopped).toBe(false);
  finish();
  await stopped;
  await clock.advance(60_000);
  expect(begun).toBe(1);
});
