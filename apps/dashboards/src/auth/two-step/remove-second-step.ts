import type { Passkeys } from "../passkeys/passkeys.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { TwoStep } from "./two-step.ts";

/** Removes the passkeys and two-step codes of a user, and ends the user's sessions. Rejects with StoreError. */
export async function removeSecondStep(
  parts: { readonly sessions: Sessions; readonly passkeys: Passkeys; readonly twoStep: Pick<TwoStep, "removeOf"> },
  userId: number,
): Promise<void> {
  await parts.passkeys.removeOf(userId);
  await parts.twoStep.removeOf(userId);
  await parts.sessions.endAll(userId);
}
