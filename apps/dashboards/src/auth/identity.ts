import {
  type Identity,
  type OrgRole,
  type Principal,
  type ReadLimit,
  type Scope,
  SCOPES,
  scopesOfRole,
} from "@narthex/http";
import type { FastifyRequest } from "fastify";
import { roleLevel } from "./levels.ts";
import type { ReadLimits } from "./read-limit.ts";
import type { Teams } from "./teams.ts";
import type { TokenRestriction } from "./tokens/token-restriction.ts";
import { isMember, type User } from "./users/users.ts";

/**
 * Returns the principal of a user or service account with the account's current rights. A token may restrict these
 * rights.
 */
export type PrincipalOf = (user: User, token?: TokenRestriction) => Principal;

export function principalsWith(teams: Teams, limits: ReadLimits): PrincipalOf {
  return (account, token = {}) => {
    const { id, login, role, isServerAdmin, isServiceAccount = false } = account;
    const ofTeams = teams.ofUser(id);
    const limit = limits.of(role, selectorsOf(teams, ofTeams), token.matchers);
    const isRestricted = token.scopes !== undefined || limit !== undefined;
    const allowed = isRestricted ? atMost(role, highestRole(token.scopes, limit)) : role;
    return {
      kind: isServiceAccount ? "token" : "user",
      name: login,
      identity: {
        kind: isServiceAccount ? "service-account" : "user",
        id,
        role: allowed,
        ...(allowed !== role && { accountRole: role }),
        ...(!isMember(account) && { isOutside: true }),
        isServerAdmin: isServerAdmin && !isRestricted,
        // Teams count only for members of the organization, because groups of another system can also put other users
        // into teams.
        teams: isMember(account) ? ofTeams : NO_TEAMS,
        ...(token.scopes !== undefined && { scopes: scopesOfRole(role).intersection(new Set(token.scopes)) }),
        ...(limit !== undefined && { limit }),
      },
    };
  };
}

const NO_TEAMS: ReadonlySet<number> = new Set();

/** Returns the series selectors of the teams that limit what their members may read. */
const selectorsOf = (teams: Teams, ids: ReadonlySet<number>): readonly string[] =>
  ids.size === 0 ? [] : [...ids].flatMap((id) => teams.byId(id)?.matchers ?? []);

/**
 * Returns the highest role that an account may have with a restricted token or a read limit. Without the scope `admin`,
 * a token cannot change anything. An account with a read limit is no admin, because admins can create a token without a
 * limit.
 */
function highestRole(scopes: readonly Scope[] = SCOPES, limit: ReadLimit | undefined): OrgRole {
  if (scopes.includes("admin")) return limit === undefined ? "Admin" : "Editor";
  return scopes.includes("read") || scopes.includes("query") ? "Viewer" : "None";
}

const atMost = (role: OrgRole, most: OrgRole): OrgRole =>
  roleLevel({ role }) > roleLevel({ role: most }) ? most : role;

/** Returns the identity of visitors who are not signed in and have this role. */
export const visitor = (role: OrgRole, limit?: ReadLimit): Identity => ({
  kind: "anonymous",
  id: 0,
  role,
  isServerAdmin: false,
  teams: new Set(),
  ...(limit !== undefined && { limit }),
});

/** Returns the id of the account that sent a request; 0 if no account is signed in. */
export const accountIdOf = ({ principal }: FastifyRequest): number => principal.identity?.id ?? 0;
