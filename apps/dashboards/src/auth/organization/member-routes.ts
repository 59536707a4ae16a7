import type { OrgRole } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { accessDenied, refusal } from "../../web/refusal.ts";
import { type Body, bodyOfRequest, pageOf, pathParameter, queryOf, textAt } from "../../web/request-body.ts";
import { isRole } from "../levels.ts";
import { needs } from "../rights.ts";
import { isMember, type User, type Users } from "../users/users.ts";
import { checkOrganization } from "./organization-routes.ts";

export interface MemberRoutesOptions {
  readonly users: Users;
  readonly clock: Clock;
  /** Returns the users whose names contain all words of a search, sorted. */
  readonly matching: (words: string) => readonly User[];
  readonly view: (user: User) => object;
  /** Removes a user and all credentials, sessions and permissions of the user. Rejects with a refusal or StoreError. */
  readonly removeUser: (id: number) => Promise<void>;
  /** Ends the memberships of a user in teams. Rejects with StoreError. */
  readonly leaveTeams: (id: number) => Promise<void>;
}

type Handler = (request: FastifyRequest) => object | Promise<object>;

/**
 * Adds the routes for the members of the organization. As in Grafana, `/api/org` is for admins of the organization, and
 * `/api/orgs/1` is for admins of the server.
 */
export function memberRoutes(app: FastifyInstance, options: MemberRoutesOptions): void {
  const [read, readAny] = [needs("admin", "org.users:read"), needs("server-admin", "orgs:read")];
  const [write, writeAny] = [needs("admin", "org.users:write"), needs("server-admin", "org.users:write")];
  const list: Handler = (request) => membersOf(options, request).map(options.view);
  const [add, setRole] = [adder(options), roleSetter(options)];
  const ours =
    (handler: Handler): Handler =>
    (request) => {
      checkOrganization(request);
      return handler(request);
    };
  app.get("/api/org/users", read, list);
  app.get("/api/org/users/search", read, (request) => {
    const all = membersOf(options, request);
    const { shown, page, perPage } = pageOf(all, queryOf(request));
    return { totalCount: all.length, orgUsers: shown.map(options.view), page, perPage };
  });
  app.post("/api/org/users", write, add);
  app.patch("/api/org/users/:userId", write, setRole);
  app.delete("/api/org/users/:userId", write, remover(options));
  app.get("/api/orgs/:id/users", readAny, ours(list));
  app.post("/api/orgs/:id/users", writeAny, ours(add));
  app.patch("/api/orgs/:id/users/:userId", writeAny, ours(setRole));
  app.delete("/api/orgs/:id/users/:userId", writeAny, ours(leaver(options)));
}

const membersOf = ({ matching }: MemberRoutesOptions, request: FastifyRequest): readonly User[] =>
  matching(queryOf(request).get("query") ?? "").filter((user) => isMember(user));

/** Returns the member of the organization that the path names. Throws Refusal for an unknown user. */
function memberIn({ users }: MemberRoutesOptions, request: FastifyRequest): User {
  const user = users.byId(Number(pathParameter(request, "userId")));
  if (user === undefined || !isMember(user)) throw refusal(404, "user not found");
  return user;
}

function roleIn(body: Body): OrgRole {
  const role = textAt(body, "role");
  if (!isRole(role)) throw refusal(400, "Invalid role specified");
  return role;
}

const adder =
  ({ users, clock }: MemberRoutesOptions): Handler =>
  async (request) => {
    const body = bodyOfRequest(request);
    const role = roleIn(body);
    const user = users.named(textAt(body, "loginOrEmail"));
    if (user === undefined) throw refusal(404, "User not found");
    await users.change(user.id, (known) => {
      if (isMember(known)) throw refusal(409, "User is already member of this organization");
      return { role, isOutside: false, updatedAt: clock.now() };
    });
    return { message: "User added to organization", userId: user.id };
  };

const roleSetter =
  (options: MemberRoutesOptions): Handler =>
  async (request) => {
    const user = memberIn(options, request);
    const role = roleIn(bodyOfRequest(request));
    if (role !== "Admin" && options.users.isLastAdmin(user))
      throw refusal(400, "Cannot change role so that there is no organization admin left");
    await options.users.change(user.id, () => ({ role, updatedAt: options.clock.now() }));
    return { message: "Organization user updated" };
  };

/**
 * Returns the handler that removes a member. The user is deleted, as in Grafana, because there is no other
 * organization. An admin of the organization cannot delete an admin of the server.
 */
const remover =
  (options: MemberRoutesOptions): Handler =>
  async (request) => {
    const user = memberIn(options, request);
    if (options.users.isLastAdmin(user)) throw refusal(400, "Cannot remove last organization admin");
    if (user.isServerAdmin && request.principal.identity?.isServerAdmin !== true) throw accessDenied("users:delete");
    await options.removeUser(user.id);
    return { message: "User deleted" };
  };

/**
 * Returns the handler that removes a member from the organization but keeps the user, without role, teams and
 * permissions.
 */
const leaver =
  (options: MemberRoutesOptions): Handler =>
  async (request) => {
    const { id } = memberIn(options, request);
    await options.users.change(id, () => ({ role: "None", isOutside: true, updatedAt: options.clock.now() }));
    await options.leaveTeams(id);
    return { message: "User removed from organization" };
  };
