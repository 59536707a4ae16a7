import type { FastifyInstance, FastifyRequest } from "fastify";
import { accountIdOf } from "../auth/identity.ts";
import { isAtLeast, needs } from "../auth/rights.ts";
import type { Teams } from "../auth/teams.ts";
import { isMember, type User, type Users } from "../auth/users/users.ts";
import { accessDenied, unauthorized } from "../web/refusal.ts";
import { countParameter, queryOf } from "../web/request-body.ts";
import { namesOf } from "./permission-page-routes.ts";
import type { VisibleAccountsTo } from "./visible-accounts.ts";
import type { VisibleSourcesTo } from "./visible-sources.ts";
import type { VisibleTo } from "./visible.ts";

export interface SubjectRoutesOptions {
  readonly users: Users;
  readonly teams: Teams;
  readonly visible: VisibleTo;
  readonly visibleSources: VisibleSourcesTo;
  readonly visibleAccounts: VisibleAccountsTo;
}

/** Maximum number of results of each kind (users, teams, service accounts). */
const MAX_RESULTS = 50;
/** Largest number of users that a lookup returns. */
const MAX_LOOKUP = 5000;
/** Largest length of a search text, in characters. */
const MAX_QUERY = 200;

/**
 * Adds the route that finds accounts and teams by a part of their names. As in Grafana, the names are shown to
 * everybody who may change the permissions of a folder, a dashboard, a data source or a service account, or the members of a
 * team.
 */
export function subjectRoutes(app: FastifyInstance, options: SubjectRoutesOptions): void {
  const { users, teams } = options;
  // The route itself checks the sender's rights and the token's scope, because any one of several rights is enough.
  app.get("/api/narthex/permissions/subjects", needs("none"), (request) => {
    if (!maySee(options, request))
      throw request.principal.kind === "anonymous" ? unauthorized() : accessDenied("permissions:read");
    const words = (queryOf(request).get("query") ?? "").slice(0, MAX_QUERY).toLowerCase();
    const matches = (...texts: readonly string[]): boolean => texts.some((text) => text.toLowerCase().includes(words));
    const accounts = [...users.accounts()].filter(
      ({ login, name, email, isDisabled }) => !isDisabled && matches(login, name, email),
    );
    const found = [...teams.values()].filter(({ name }) => matches(name));
    return {
      users: sorted(accounts.filter((account) => account.isServiceAccount !== true).map(accountView)),
      serviceAccounts: sorted(accounts.filter((account) => account.isServiceAccount === true).map(accountView)),
      teams: sorted(found.map(({ id, name }) => ({ id, name, detail: "" }))),
    };
  });
  // The route itself checks the sender's rights (see maySee), because any one of several rights is enough.
  app.get("/api/org/users/lookup", needs("signed-in", "org.users:read"), (request) => {
    if (!maySee(options, request)) throw accessDenied("org.users:read");
    const query = queryOf(request);
    const words = (query.get("query") ?? "").slice(0, MAX_QUERY).toLowerCase();
    return [...users.values()]
      .filter(
        (user) =>
          isMember(user) && [user.login, user.email, user.name].some((text) => text.toLowerCase().includes(words)),
      )
      .toSorted((a, b) => (a.login < b.login ? -1 : 1))
      .slice(0, countParameter(query, "limit", MAX_LOOKUP, MAX_LOOKUP))
      .map(({ id, uid, login }) => ({ userId: id, uid, login, avatarUrl: "" }));
  });
}

function maySee(options: SubjectRoutesOptions, request: FastifyRequest): boolean {
  const { teams, visible, visibleSources, visibleAccounts } = options;
  const { identity } = request.principal;
  // A token without the scope `admin` cannot change permissions, so it may not read the names.
  if (identity?.scopes?.has("admin") === false) return false;
  const userId = accountIdOf(request);
  return (
    isAtLeast(identity, "Admin") ||
    visible(request).mayAnywhere("admin") ||
    visibleSources(request).mayAnywhere("admin") ||
    visibleAccounts(request).mayAnywhere("admin") ||
    (userId > 0 && teams.values().some(({ members }) => members.some((one) => one.isAdmin && one.userId === userId)))
  );
}

interface Subject {
  readonly id: number;
  readonly name: string;
  readonly detail: string;
}

const accountView = (account: User): Subject => ({ id: account.id, ...namesOf(account) });

/** Returns the first MAX_RESULTS results, sorted by name. */
const sorted = (list: readonly Subject[]): readonly Subject[] =>
  list.toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1)).slice(0, MAX_RESULTS);
