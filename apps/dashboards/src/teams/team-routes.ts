import type { FastifyInstance, FastifyRequest } from "fastify";
import { accountIdOf } from "../auth/identity.ts";
import { needs } from "../auth/rights.ts";
import { checkedSelector } from "../auth/read-limit.ts";
import type { Team, TeamMember, Teams } from "../auth/teams.ts";
import type { User, Users } from "../auth/users/users.ts";
import { ORG } from "../auth/users/profile-view.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import {
  type Body,
  bodyOfRequest,
  numberAt,
  pageOf,
  pathParameter,
  queryOf,
  textAt,
  textsAt,
} from "../web/request-body.ts";
import { byNumber, byText, sortedBy } from "../web/sorting.ts";
import { isIn, mayAdminAll, mayChange, ownTeam, seenTeam } from "./team-access.ts";
import { teamGroupRoutes } from "./team-group-routes.ts";

export interface TeamRoutesOptions {
  readonly teams: Teams;
  readonly users: Users;
}

const READ = needs("signed-in", "teams:read");
const WRITE = needs("signed-in", "teams:write");
const CREATE = needs("admin", "teams:create");
const DELETE = needs("signed-in", "teams:delete");
const READ_MEMBERS = needs("signed-in", "teams.permissions:read");
const WRITE_MEMBERS = needs("signed-in", "teams.permissions:write");

const SORTS = {
  name: byText((team: Team) => team.name),
  email: byText((team: Team) => team.email),
  memberCount: byNumber((team: Team) => team.members.length),
};

/** Numbers of the levels of members in Grafana's API. */
const [MEMBER, ADMIN] = [0, 4] as const;

/**
 * Adds the routes for teams and their members. Members see their teams; admins of a team change it. Members that a
 * group of another system provides cannot be removed; they leave the team when they leave the group.
 */
export function teamRoutes(app: FastifyInstance, options: TeamRoutesOptions): void {
  readRoutes(app, options);
  changeRoutes(app, options);
  memberRoutes(app, options);
  teamGroupRoutes(app, options.teams);
}

function teamView(team: Team, request: FastifyRequest): Record<string, unknown> {
  const { id, uid, name, email, members, matchers } = team;
  return {
    id,
    uid,
    orgId: ORG.id,
    name,
    email,
    externalUID: "",
    isProvisioned: false,
    avatarUrl: "",
    memberCount: members.length,
    permission: mayChange(team, request) ? ADMIN : MEMBER,
    accessControl: null,
    ...(matchers !== undefined && { narthexMatchers: matchers }),
  };
}

function readRoutes(app: FastifyInstance, options: TeamRoutesOptions): void {
  const { teams } = options;
  app.get("/api/teams/search", READ, (request) => {
    const query = queryOf(request);
    const words = (query.get("query") ?? "").slice(0, 1000).toLowerCase();
    const name = query.get("name") ?? "";
    const [isAll, userId] = [mayAdminAll(request), accountIdOf(request)];
    const named = [...teams.values()]
      .filter((team) => isAll || isIn(team, userId))
      .filter((team) => (name === "" || team.name === name) && team.name.toLowerCase().includes(words));
    const found = sortedBy(named, query, SORTS, "name-asc");
    const { shown, page, perPage } = pageOf(found, query);
    return { totalCount: found.length, teams: shown.map((team) => teamView(team, request)), page, perPage };
  });
  app.get("/api/teams/:id", READ, (request) => teamView(seenTeam(teams, request), request));
}

function changeRoutes(app: FastifyInstance, options: TeamRoutesOptions): void {
  const { teams } = options;
  app.post("/api/teams", CREATE, async (request) => {
    const body = bodyOfRequest(request);
    const limit = matchersIn(body, request);
    const { id, uid } = await teams.add({
      name: textAt(body, "name").trim(),
      email: textAt(body, "email").trim(),
      members: limit.matchers ? [] : creatorIn(request),
      ...limit,
    });
    return { message: "Team created", teamId: id, uid };
  });
  app.put("/api/teams/:id", WRITE, async (request) => {
    const team = ownTeam(teams, request);
    const body = bodyOfRequest(request);
    await teams.change(team, () => ({
      name: textAt(body, "name").trim(),
      email: textAt(body, "email").trim(),
      ...matchersIn(body, request),
    }));
    return { message: "Team updated" };
  });
  app.delete("/api/teams/:id", DELETE, async (request) => {
    const team = ownTeam(teams, request);
    refuseEndOfLimit(team, request);
    await teams.remove(team);
    return { message: "Team deleted" };
  });
}

function memberRoutes(app: FastifyInstance, options: TeamRoutesOptions): void {
  const { teams, users } = options;
  const url = "/api/teams/:id/members";
  app.get(url, READ_MEMBERS, (request) => {
    const team = seenTeam(teams, request);
    return team.members.flatMap((member) => {
      const user = users.account(member.userId);
      return user === undefined ? [] : [memberView(team, member, user)];
    });
  });
  app.post(url, WRITE_MEMBERS, async (request) => {
    const team = ownTeam(teams, request);
    const { id: userId } = present(users.account(numberAt(bodyOfRequest(request), "userId") ?? 0));
    await teams.change(team, ({ members }) => {
      if (members.some((member) => member.userId === userId)) throw refusal(400, "User is already added to this team");
      return { members: [...members, { userId, isAdmin: false }] };
    });
    return { message: "Member added to Team" };
  });
  app.put(url, WRITE_MEMBERS, async (request) => {
    const team = ownTeam(teams, request);
    refuseEndOfLimit(team, request);
    const wanted = membersIn(bodyOfRequest(request), users);
    await teams.change(team, ({ members }) => {
      const synced = new Set(members.flatMap(({ userId, isSynced }) => (isSynced === true ? [userId] : [])));
      return { members: wanted.map((member) => (synced.has(member.userId) ? { ...member, isSynced: true } : member)) };
    });
    return { message: "Team memberships have been updated" };
  });
  app.put(`${url}/:userId`, WRITE_MEMBERS, async (request) => {
    const team = ownTeam(teams, request);
    const isAdmin = levelIn(bodyOfRequest(request)) === ADMIN;
    const userId = memberIn(team, request);
    await teams.change(team, ({ members }) => ({
      members: members.map((member) => (member.userId === userId ? { ...member, isAdmin } : member)),
    }));
    return { message: "Team member updated" };
  });
  app.delete(`${url}/:userId`, WRITE_MEMBERS, async (request) => {
    const team = ownTeam(teams, request);
    refuseEndOfLimit(team, request);
    const userId = memberIn(team, request);
    await teams.change(team, ({ members }) => ({ members: members.filter((member) => member.userId !== userId) }));
    return { message: "Team Member removed" };
  });
}

/**
 * Returns the first member of a new team: its creator, as an admin of the team. A service account does not become a
 * member, and neither does the creator of a team with a read limit, because the limit would apply to the creator.
 */
function creatorIn(request: FastifyRequest): readonly TeamMember[] {
  const { identity } = request.principal;
  return identity?.kind === "user" ? [{ userId: identity.id, isAdmin: true }] : [];
}

/**
 * Returns the matchers in a request body, which limit the series that members may read. Throws a refusal if they are
 * invalid, or if the sender is not an admin of the organization, because members could otherwise change their own
 * limit.
 */
function matchersIn(body: Body, request: FastifyRequest): Pick<Team, "matchers"> {
  if (!Object.hasOwn(body, "narthexMatchers")) return {};
  if (!mayAdminAll(request)) throw limitIsForAdmins();
  const text = textAt(body, "narthexMatchers").trim();
  return { matchers: text === "" ? "" : checkedSelector(text) };
}

/**
 * Throws a refusal if a change would let members read more series and the sender is not an admin of the organization.
 */
function refuseEndOfLimit({ matchers }: Team, request: FastifyRequest): void {
  if (matchers !== undefined && !mayAdminAll(request)) throw limitIsForAdmins();
}

const limitIsForAdmins = (): Error =>
  refusal(
    403,
    "The team limits what its members read (narthexMatchers): only an admin of the organization may remove members or change the limit",
  );

function memberIn(team: Team, request: FastifyRequest): number {
  const userId = Number(pathParameter(request, "userId"));
  if (!isIn(team, userId)) throw refusal(404, "Team member not found.");
  return userId;
}

function levelIn(body: Body): number {
  const level = numberAt(body, "permission") ?? MEMBER;
  if (level !== MEMBER && level !== ADMIN) throw badRequest();
  return level;
}

/**
 * Returns the members in the lists `members` and `admins` of a request body, which contain email addresses or logins.
 * Throws a refusal for an unknown user.
 */
function membersIn(body: Body, users: Users): readonly TeamMember[] {
  const members = new Map<number, TeamMember>();
  const add = (names: readonly string[], isAdmin: boolean): void => {
    for (const name of names) {
      const { id: userId } = present(users.holderOf(name));
      members.set(userId, { userId, isAdmin });
    }
  };
  add(textsAt(body, "members"), false);
  add(textsAt(body, "admins"), true);
  return [...members.values()];
}

function present(user: User | undefined): User {
  if (user === undefined) throw refusal(404, "user not found");
  return user;
}

const memberView = ({ id, uid }: Team, { isAdmin }: TeamMember, user: User): object => ({
  orgId: ORG.id,
  teamId: id,
  teamUID: uid,
  userId: user.id,
  userUID: user.uid,
  auth_module: "",
  email: user.email,
  name: user.name,
  login: user.login,
  avatarUrl: "",
  labels: [],
  permission: isAdmin ? ADMIN : MEMBER,
});
