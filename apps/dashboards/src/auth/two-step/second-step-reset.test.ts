import { readdirSync } from "node:fs";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Passkeys } from "../passkeys/passkeys.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Users } from "../users/users.ts";
import { leaveSecondStepReset, takeSecondStepReset } from "./second-step-reset.ts";

test("a request that is left while the server applies an earlier one is applied at the next login", async () => {
  const [folder, logger] = [temporaryFolder(), memoryLogger()];
  const removed: number[] = [];
  const ids = new Map([
    ["ann", 1],
    ["bob", 2],
  ]);
  const parts = {
    users: { named: (login: string) => ({ id: ids.get(login), login }) } as unknown as Users,
    passkeys: { removeOf: () => Promise.resolve() } as unknown as Passkeys,
    sessions: { endAll: () => Promise.resolve() } as unknown as Sessions,
    twoStep: {
      async removeOf(id: number) {
        if (removed.length === 0) await leaveSecondStepReset(folder, { user: "bob" });
        removed.push(id);
      },
    },
    logger,
  };
  await leaveSecondStepReset(folder, { user: "ann" });
  await takeSecondStepReset(folder, parts);
  expect(removed).toEqual([1]);
  await takeSecondStepReset(folder, parts);
  expect([removed, readdirSync(folder)]).toEqual([[1, 2], []]);
});
