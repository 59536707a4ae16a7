import type { FastifyRequest } from "fastify";
import { accountIdOf } from "../auth/identity.ts";
import { isAtLeast } from "../auth/rights.ts";
import { type Team, teamNotFound, type Teams } from "../auth/teams.ts";
import { accessDenied } from "../web/refusal.ts";
import { pathParameter } from "../web/request-body.ts";

/** Reports whether the sender may view and change all teams. */
export const mayAdminAll = ({ principal }: FastifyRequest): boolean => isAtLeast(principal.identity, "Admin");

/** Reports whether a user is a member of a team. */
export const isIn = ({ members }: Team, userId: number): boolean =>
  userId > 0 && members.some((member) => member.userId === userId);

/** Reports whether the sender may change a team. */
export const mayChange = (team: Team, request: FastifyRequest): boolean =>
  mayAdminAll(request) ||
  team.members.some(({ userId, isAdmin }) => isAdmin && userId > 0 && userId === accountIdOf(request));

/** Returns the team that the path names by id or uid. Throws a refusal if the sender may not see it. */
export function seenTeam(teams: Teams, request: FastifyRequest): Team {
  const name = pathParameter(request, "id");
  const team = /^\d+$/.test(name) ? (teams.byId(Number(name)) ?? teams.byUid(name)) : teams.byUid(name);
  if (!mayAdminAll(request) && (team === undefined || !isIn(team, accountIdOf(request))))
    throw accessDenied(request.routeOptions.config.action ?? "");
  if (team === undefined) throw teamNotFound();
  return team;
}

/** Returns the team that the path names. Throws a refusal if the sender may not change it. */
export function ownTeam(teams: Teams, request: FastifyRequest): Team {
  const team = seenTeam(teams, request);
  if (!mayChange(team, request)) throw accessDenied(request.routeOptions.config.action ?? "");
  return team;
}
