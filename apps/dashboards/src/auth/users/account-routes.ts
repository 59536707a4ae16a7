import type { FastifyInstance } from "fastify";
import type { Context } from "../../context.ts";
import { refusal } from "../../web/refusal.ts";
import { bodyOfRequest, flagAt, numberAt, textAt } from "../../web/request-body.ts";
import { hashPassword, passwordProblem } from "../passwords/passwords.ts";
import { ORG } from "./profile-view.ts";
import type { Passkeys } from "../passkeys/passkeys.ts";
import { needs } from "../rights.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Teams } from "../teams.ts";
import { removeSecondStep } from "../two-step/remove-second-step.ts";
import type { TwoStep } from "../two-step/two-step.ts";
import { foundUser } from "./user-of-request.ts";
import { checkUserLogin, type Users } from "./users.ts";

export interface AccountRoutesOptions {
  readonly context: Context;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly teams: Teams;
  readonly passkeys: Passkeys;
  readonly twoStep: TwoStep;
}

/** Adds the routes that create and delete users, and that change their rights on the server. */
export function accountRoutes(app: FastifyInstance, options: AccountRoutesOptions): void {
  addRoute(app, options);
  standingRoutes(app, options);
}

function addRoute(app: FastifyInstance, { context, users }: AccountRoutesOptions): void {
  const { settings, clock } = context;
  app.post("/api/admin/users", needs("server-admin", "users:create"), async (request) => {
    const body = bodyOfRequest(request);
    const [name, password] = [textAt(body, "name"), textAt(body, "password")];
    const [givenLogin, givenEmail] = [textAt(body, "login").trim(), textAt(body, "email").trim()];
    const [login, email] = [givenLogin || givenEmail, givenEmail || givenLogin];
    if (login === "") throw refusal(400, "Validation error, need specify either username or email");
    checkUserLogin(login);
    const org = numberAt(body, "OrgId") ?? numberAt(body, "orgId") ?? 0;
    if (org !== 0 && org !== ORG.id) throw refusal(400, "Organization not found");
    const problem = passwordProblem(password, settings["auth.basic.password_policy"]);
    if (problem !== undefined) throw refusal(400, problem);
    const now = clock.now();
    const draft = {
      login,
      email,
      name,
      role: settings["users.auto_assign_org_role"],
      isServerAdmin: false,
      isDisabled: false,
      createdAt: now,
      updatedAt: now,
    };
    const { id, uid } = await users.add(draft, { kind: "password", hash: await hashPassword(password) });
    return { id, uid, message: "User created" };
  });
}

/** Removes a user and all credentials, sessions and permissions of the user. Rejects with a refusal or StoreError. */
export async function removeUser(options: Omit<AccountRoutesOptions, "context">, id: number): Promise<void> {
  const { users, teams } = options;
  await users.remove(id);
  await teams.removeUser(id);
  await removeSecondStep(options, id);
}

/** Adds the routes that delete or disable users, or make them admins of the server. */
function standingRoutes(app: FastifyInstance, options: AccountRoutesOptions): void {
  const { users, sessions, context } = options;
  const url = "/api/admin/users/:id";
  app.delete(url, needs("server-admin", "users:delete"), async (request) => {
    await removeUser(options, foundUser(users, request).id);
    return { message: "User deleted" };
  });
  app.put(`${url}/permissions`, needs("server-admin", "users.permissions:write"), async (request) => {
    const isServerAdmin = flagAt(bodyOfRequest(request), "isGrafanaAdmin");
    await users.change(foundUser(users, request).id, () => ({ isServerAdmin, updatedAt: context.clock.now() }));
    return { message: "User permissions updated" };
  });
  app.post(`${url}/disable`, needs("server-admin", "users:disable"), async (request) => {
    const { id } = foundUser(users, request);
    await users.change(id, () => ({ isDisabled: true, updatedAt: context.clock.now() }));
    await sessions.endAll(id);
    return { message: "User disabled" };
  });
  app.post(`${url}/enable`, needs("server-admin", "users:enable"), async (request) => {
    const { id } = foundUser(users, request);
    await users.change(id, () => ({ isDisabled: false, updatedAt: context.clock.now() }));
    return { message: "User enabled" };
  });
}
