import type { FastifyInstance, FastifyRequest } from "fastify";
import { refusal } from "../../web/refusal.ts";
import { pathParameter } from "../../web/request-body.ts";
import { accountIdOf } from "../identity.ts";
import type { Passkeys } from "../passkeys/passkeys.ts";
import { needs } from "../rights.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { User, Users } from "../users/users.ts";
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
  const userOf = (request: FastifyRequest): User => {
    const user = users.byId(Number(pathParameter(request, "id")));
    if (user === undefined) throw refusal(404, "user not found");
    return user;
  };
  app.get(URL, needs("server-admin", "users.authtoken:read"), (request) => {
    const { id } = userOf(request);
    return { passkeys: passkeys.ofUser(id).length, twoStep: twoStep.isInForce(id) };
  });
  app.delete(URL, needs("server-admin", "users.authtoken:write"), async (request) => {
    const { id } = userOf(request);
    // Someone who has stolen the session of an admin has no code. A code or the command line is needed for this.
    if (id === accountIdOf(request))
      throw refusal(400, "You cannot remove your own second step here: use your profile, or grafana cli");
    await removeSecondStep(options, id);
    return { message: "Passkeys and two-step codes removed" };
  });
}
