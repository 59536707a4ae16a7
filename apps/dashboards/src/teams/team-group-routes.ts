import type { FastifyInstance, FastifyRequest } from "fastify";
import { ORG } from "../auth/users/profile-view.ts";
import { needs } from "../auth/rights.ts";
import type { Team, Teams } from "../auth/teams.ts";
import { refusal } from "../web/refusal.ts";
import { seenTeam } from "./team-access.ts";
import { bodyOfRequest, pageOf, pathParameter, queryOf, textAt } from "../web/request-body.ts";

/** Maximum length of a group's name in characters, and maximum number of groups of a team. */
const [MAX_NAME, MAX_GROUPS] = [1024, 500];

/**
 * Adds the routes for a team's groups of other systems, whose members belong to the team. Only admins of the
 * organization change them, because a group could make anybody a member.
 */
export function teamGroupRoutes(app: FastifyInstance, teams: Teams): void {
  const url = "/api/teams/:id/groups";
  const write = needs("admin", "teams.permissions:write");
  app.get(url, needs("signed-in", "teams.permissions:read"), (request) => {
    const team = seenTeam(teams, request);
    return (team.groups ?? []).map((groupId) => groupView(team, groupId));
  });
  app.post(url, write, async (request) => {
    const team = seenTeam(teams, request);
    const groupId = textAt(bodyOfRequest(request), "groupId").trim();
    if (groupId === "" || groupId.length > MAX_NAME)
      throw refusal(400, `groupId must have 1 to ${MAX_NAME} characters`);
    await teams.change(team, ({ groups = [] }) => {
      if (groups.includes(groupId)) throw refusal(400, "Group is already added to this team");
      if (groups.length >= MAX_GROUPS) throw refusal(400, `a team can have at most ${MAX_GROUPS} groups`);
      return { groups: [...groups, groupId] };
    });
    return { message: "Group added to Team" };
  });
  app.get(`${url}/search`, needs("signed-in", "teams.permissions:read"), (request) => {
    const team = seenTeam(teams, request);
    const query = queryOf(request);
    const [words, name] = [(query.get("query") ?? "").slice(0, MAX_NAME).toLowerCase(), query.get("name") ?? ""];
    const found = (team.groups ?? []).filter(
      (group) => group.toLowerCase().includes(words) && (name === "" || group === name),
    );
    const { shown, page, perPage } = pageOf(found, query);
    return { totalCount: found.length, teamGroups: shown.map((groupId) => groupView(team, groupId)), page, perPage };
  });
  const remove = async (request: FastifyRequest, groupId: string): Promise<object> => {
    const team = seenTeam(teams, request);
    await teams.change(team, ({ groups = [] }) => {
      if (!groups.includes(groupId)) throw refusal(404, "Team group not found");
      return { groups: groups.filter((group) => group !== groupId) };
    });
    return { message: "Team Group removed" };
  };
  app.delete(url, write, (request) => remove(request, queryOf(request).get("groupId") ?? ""));
  app.delete(`${url}/:groupId`, write, (request) => remove(request, pathParameter(request, "groupId")));
}

const groupView = ({ id, uid }: Team, groupId: string): object => ({
  orgId: ORG.id,
  teamId: id,
  teamUid: uid,
  groupId,
});
