import type { FastifyInstance } from "fastify";
import type { Context } from "../../context.ts";
import { refusal } from "../../web/refusal.ts";
import { bodyOfRequest, numberAt, pageOf, pathParameter, queryOf, textAt } from "../../web/request-body.ts";
import { byNumber, byText, sortedBy } from "../../web/sorting.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { hashPassword, passwordProblem } from "../passwords/passwords.ts";
import { lastSeen, profileOf, teamsOf, tokenView, userItem, type UserUse } from "./profile-view.ts";
import { accountIdOf } from "../identity.ts";
import type { Organization } from "../organization/organization.ts";
import { checkUsing, organizationsOf } from "../organization/using.ts";
import { needs } from "../rights.ts";
import type { PasswordSetter } from "../passwords/set-password.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Teams } from "../teams.ts";
import { foundUser } from "./user-of-request.ts";
import { changedNames, type User, type Users } from "./users.ts";

interface UserUseParts {
  readonly context: Context;
  readonly credentials: Credentials;
  readonly sessions: Sessions;
}

export interface AdminRoutesOptions extends UserUseParts {
  readonly users: Users;
  readonly organization: Organization;
  readonly teams: Teams;
  readonly passwords: PasswordSetter;
}

const READ = needs("server-admin", "users:read");
const WRITE = needs("server-admin", "users:write");

/** Adds the routes with which admins view and change users. */
export function adminRoutes(app: FastifyInstance, options: AdminRoutesOptions): void {
  serverUserRoutes(app, options);
  passwordRoutes(app, options);
  sessionRoutes(app, options);
  formerRoutes(app);
}

/** Returns the users whose names contain all words of a search, sorted by login. */
export function matching(users: Users, words: string): readonly User[] {
  const wanted = words.slice(0, 1000).toLowerCase();
  return [...users.values()]
    .filter((user) => [user.login, user.email, user.name].some((text) => text.toLowerCase().includes(wanted)))
    .toSorted((a, b) => (a.login < b.login ? -1 : 1));
}

/** Returns the users that match the URL parameters, in the requested order. */
function found({ users, sessions, context }: AdminRoutesOptions, query: URLSearchParams): readonly User[] {
  const now = context.clock.now();
  const fields = {
    login: byText((user: User) => user.login),
    email: byText((user: User) => user.email),
    name: byText((user: User) => user.name),
    lastSeenAtAge: byNumber((user: User) => now - lastSeen(user, sessions.ofUser(user.id))),
  };
  return sortedBy(matching(users, query.get("query") ?? ""), query, fields, "login-asc,email-asc");
}

/** Returns additional data of a user that lists of users show. */
export const useOf = ({ sessions, credentials, context }: UserUseParts, { id }: User): UserUse => ({
  sessions: sessions.ofUser(id),
  labels: credentials.labelsOf(id),
  now: context.clock.now(),
});

function serverUserRoutes(app: FastifyInstance, options: AdminRoutesOptions): void {
  const {
    context: { clock },
    users,
    credentials,
    teams,
    organization,
  } = options;
  const item = (user: User): object => userItem(user, useOf(options, user));
  const profile = (user: User): object => profileOf(user, credentials.labelsOf(user.id));
  app.get("/api/users", READ, (request) => {
    const query = queryOf(request);
    return pageOf(found(options, query), query).shown.map(item);
  });
  app.get("/api/users/search", READ, (request) => {
    const query = queryOf(request);
    const all = found(options, query);
    const { shown, page, perPage } = pageOf(all, query);
    return { totalCount: all.length, users: shown.map(item), page, perPage };
  });
  app.get("/api/users/lookup", READ, (request) => {
    const name = queryOf(request).get("loginOrEmail") ?? "";
    const user = name === "" ? undefined : users.named(name);
    if (user === undefined) throw refusal(404, "user not found");
    return profile(user);
  });
  app.get("/api/users/:id", READ, (request) => profile(foundUser(users, request)));
  app.get("/api/users/:id/orgs", READ, (request) => organizationsOf(foundUser(users, request), organization));
  app.post("/api/users/:id/using/:orgId", WRITE, (request) => {
    checkUsing(users.byId(Number(pathParameter(request, "id"))), request);
    return { message: "Active organization changed" };
  });
  app.get("/api/users/:id/teams", READ, (request) => teamsOf(teams, foundUser(users, request).id));
  app.put("/api/users/:id", WRITE, async (request) => {
    const body = bodyOfRequest(request);
    const { id } = foundUser(users, request);
    await users.change(id, (user) => ({ ...changedNames(users, user, body), updatedAt: clock.now() }));
    return { message: "User updated" };
  });
}

function passwordRoutes(app: FastifyInstance, { context, users, sessions, passwords }: AdminRoutesOptions): void {
  const right = needs("server-admin", "users.password:write");
  app.put("/api/admin/users/:id/password", right, async (request) => {
    const user = foundUser(users, request);
    const password = textAt(bodyOfRequest(request), "password");
    const problem = passwordProblem(password, context.settings["auth.basic.password_policy"]);
    if (problem !== undefined) throw refusal(400, problem);
    await passwords.set(user, await hashPassword(password));
    await sessions.endAll(user.id, request.session);
    return { message: "User password updated" };
  });
}

function sessionRoutes(app: FastifyInstance, { users, sessions }: AdminRoutesOptions): void {
  app.get("/api/admin/users/:id/auth-tokens", needs("server-admin", "users.authtoken:read"), (request) =>
    sessions.ofUser(foundUser(users, request).id).map((session) => tokenView(session, request.session)),
  );
  const write = needs("server-admin", "users.authtoken:write");
  app.post("/api/admin/users/:id/revoke-auth-token", write, async (request) => {
    const wanted = numberAt(bodyOfRequest(request), "authTokenId");
    const session = sessions.ofUser(foundUser(users, request).id).find(({ id }) => id === wanted);
    if (session === undefined) throw refusal(404, "User auth token not found");
    await sessions.end(session);
    return { message: "User auth token revoked" };
  });
  app.post("/api/admin/users/:id/logout", needs("server-admin", "users:logout"), async (request) => {
    const user = foundUser(users, request);
    if (user.id === accountIdOf(request)) throw refusal(400, "You cannot logout yourself");
    await sessions.endAll(user.id);
    return { message: "User logged out" };
  });
}

/**
 * Adds routes that current Grafana versions no longer have, because pages and scripts still request them. The list of
 * API keys is empty: keys of an earlier Grafana are now tokens of service accounts.
 */
function formerRoutes(app: FastifyInstance): void {
  app.get("/api/auth/keys", needs("admin", "apikeys:read"), () => []);
  app.post("/api/auth/keys", needs("admin", "apikeys:create"), () => {
    throw refusal(
      410,
      "this endpoint has been removed, please use POST /api/serviceaccounts and POST /api/serviceaccounts/{id}/tokens instead",
    );
  });
  app.post("/api/admin/ldap/reload", needs("server-admin", "ldap.config:reload"), () => {
    throw refusal(410, "This endpoint has been removed. Restart the server to read the LDAP configuration again.");
  });
  app.delete("/api/auth/keys/:id", needs("admin", "apikeys:delete"), () => {
    throw refusal(404, "API key not found");
  });
}
