import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Context } from "../../context.ts";
import { refusal } from "../../web/refusal.ts";
import { bodyOfRequest, numberAt, textAt } from "../../web/request-body.ts";
import type { SessionCookies } from "../sessions/cookies.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { areNamesTrusted } from "../external/trusted-names.ts";
import { hashPassword, passwordProblem } from "../passwords/passwords.ts";
import { accountProfileOf, profileOf, tokenView, teamsOf } from "./profile-view.ts";
import type { PasswordLogin } from "../passwords/password-login.ts";
import { accountIdOf } from "../identity.ts";
import type { Organization } from "../organization/organization.ts";
import { checkUsing, organizationsOf } from "../organization/using.ts";
import { needs } from "../rights.ts";
import type { PasswordSetter } from "../passwords/set-password.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Teams } from "../teams.ts";
import { signedInUser } from "./user-of-request.ts";
import { changedNames, type User, type Users } from "./users.ts";

export interface UserRoutesOptions {
  readonly context: Context;
  readonly users: Users;
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly teams: Teams;
  readonly organization: Organization;
  readonly cookies: SessionCookies;
  readonly passwordLogin: PasswordLogin;
  readonly passwords: PasswordSetter;
}

/** Adds the routes with which signed-in users view and change their own data. */
export function userRoutes(app: FastifyInstance, options: UserRoutesOptions): void {
  const { context, users, sessions, teams, cookies, passwordLogin, passwords, credentials, organization } = options;
  const { clock, settings } = context;
  const userOf = (request: FastifyRequest): User => signedInUser(users, request);
  const ownProfile = (user: User): object => profileOf(user, credentials.labelsOf(user.id));
  app.get("/api/user", needs("signed-in"), (request) => {
    const account = users.account(accountIdOf(request));
    return account?.isServiceAccount === true ? accountProfileOf(account) : ownProfile(userOf(request));
  });
  app.put("/api/user", needs("signed-in"), async (request) => {
    const body = bodyOfRequest(request);
    const { id } = userOf(request);
    const mayRename = !areNamesTrusted(settings) || request.principal.identity?.isServerAdmin === true;
    await users.change(id, (user) => {
      const names = changedNames(users, user, body);
      if (!mayRename && (names.login !== user.login || names.email !== user.email)) throw namesAreTrusted();
      return { ...names, updatedAt: clock.now() };
    });
    return { message: "User updated" };
  });
  app.put("/api/user/password", needs("signed-in"), async (request) => {
    const user = userOf(request);
    const body = bodyOfRequest(request);
    if (credentials.passwordOf(user.id) === undefined) throw noPasswordHere();
    const isKnown = await passwordLogin.knowsPassword(user, textAt(body, "oldPassword"), request);
    if (!isKnown) throw refusal(401, "Invalid old password");
    const password = textAt(body, "newPassword");
    const problem = passwordProblem(password, settings["auth.basic.password_policy"]);
    if (problem !== undefined) throw refusal(400, problem);
    await passwords.set(user, await hashPassword(password));
    await sessions.endAll(user.id, request.session);
    return { message: "User password changed" };
  });
  app.get("/api/user/orgs", needs("signed-in"), (request) => organizationsOf(userOf(request), organization));
  app.get("/api/user/teams", needs("signed-in"), (request) => teamsOf(teams, accountIdOf(request)));
  app.post("/api/user/using/:orgId", needs("signed-in"), (request) => {
    checkUsing(users.account(accountIdOf(request)), request);
    return { message: "Active organization changed" };
  });
  app.get("/api/user/auth-tokens", needs("signed-in"), (request) =>
    sessions.ofUser(userOf(request).id).map((session) => tokenView(session, request.session)),
  );
  app.post("/api/user/revoke-auth-token", needs("signed-in"), async (request, reply) => {
    const id = numberAt(bodyOfRequest(request), "authTokenId");
    const session = sessions.ofUser(userOf(request).id).find((one) => one.id === id);
    if (session === undefined) throw refusal(404, "User auth token not found");
    await sessions.end(session);
    if (session.id === request.session?.id) cookies.clear(reply);
    return { message: "User auth token revoked" };
  });
  app.get("/api/login/ping", needs("signed-in"), (_request, reply) => reply.send({ message: "Logged in" }));
}

/**
 * Returns the refusal to set a password for a user of another system. With a password here, the user could still sign
 * in after leaving that system.
 */
const noPasswordHere = (): Error =>
  refusal(400, "You have no password here, because you sign in with another system: change the password there");

const namesAreTrusted = (): Error =>
  refusal(400, "You cannot change your login or address, because people sign in here by these names: ask an admin");
