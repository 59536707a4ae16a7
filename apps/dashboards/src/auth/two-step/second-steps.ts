import type { FastifyInstance } from "fastify";
import { Challenges } from "../passkeys/challenges.ts";
import { passkeyRoutes, type PasskeyRoutesOptions, passkeySignInRoutes } from "../passkeys/passkey-routes.ts";
import { Passkeys } from "../passkeys/passkeys.ts";
import { secondStepAdminRoutes } from "./second-step-admin-routes.ts";
import { TwoStep, type TwoStepParts } from "./two-step.ts";
import { twoStepRoutes } from "./two-step-routes.ts";

/** The second steps of all users: passkeys, and two-step codes of authenticator apps. */
export interface SecondSteps {
  readonly passkeys: Passkeys;
  readonly twoStep: TwoStep;
}

/** Opens passkeys and two-step codes. Rejects with StoreError. */
export const openSecondSteps = async (parts: TwoStepParts): Promise<SecondSteps> => ({
  passkeys: await Passkeys.open(parts.store, parts.clock),
  twoStep: await TwoStep.open(parts),
});

/** Adds all routes of passkeys and two-step codes. */
export function secondStepRoutes(
  app: FastifyInstance,
  given: Omit<PasskeyRoutesOptions, "challenges"> & SecondSteps & Pick<TwoStepParts, "box">,
): void {
  const options = { ...given, challenges: new Challenges(given), address: given.context.address };
  passkeySignInRoutes(app, options);
  passkeyRoutes(app, options);
  twoStepRoutes(app, options);
  secondStepAdminRoutes(app, options);
}
