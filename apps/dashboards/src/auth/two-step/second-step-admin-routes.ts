import type { FastifyInstance } from "fastify";
import { refusal } from "../../web/refusal.ts";
import { accountIdOf } from "../identity.ts";
import type { Passkeys } from "../passkeys/passkeys.ts";
import { needs } from "../rights.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { foundUser } from "../users/user-of-request.ts";
import type { Users } from "../users/users.ts";
import { removeSecondStep } from "./remove-second-step.ts";
import type { TwoStep } from "./two-step.ts";

export interface SecondStepAdminOptions {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly passkeys: Passkeys;
  readonly twoStep: TwoStep;
}

const URL = "/api/admin/users/:id/second-step";

/** Adds the routes with which admins help users who have lost their devices. */
export function secondStepAdminRoutes(app: FastifyInstance, options: SecondStepAdminOptions): void {
  const { users, passkeys, twoStep } = options;
  app.get(URL, needs("server-admin", "users.authtoken:read"), (request) => {
    const { id } = foundUser(users, request);
    return { passkeys: passkeys.ofUser(id).length, twoStep: twoStep.isInForce(id) };
  });
  app.delete(URL, needs("server-admin", "users.authtoken:write"), async (request) => {
    const { id } = foundUser(users, request);
    // Refuses to remove the admin's own second step, because a thief of the admin's session could do this. Admins need
    // a code or the command line for it.
    if (id === accountIdOf(request))
      throw refusal(400, "You cannot remove your own second step here: use your profile, or grafana cli");
    await removeSecondStep(options, id);
    return { message: "Passkeys and two-step codes removed" };
  });
}
