import type { FastifyRequest } from "fastify";
import { refusal } from "../../web/refusal.ts";
import { pathParameter } from "../../web/request-body.ts";
import { ORG } from "../users/profile-view.ts";
import { isMember, type User } from "../users/users.ts";
import type { Organization } from "./organization.ts";

/** Returns the organizations of a user in the form of Grafana's API. */
export const organizationsOf = (user: User, { name }: Organization): readonly object[] =>
  isMember(user) ? [{ orgId: ORG.id, name, role: user.role }] : [];

/** Throws Refusal if a user is not a member of the organization that the path names. */
export function checkUsing(user: User | undefined, request: FastifyRequest): void {
  const isOurs = pathParameter(request, "orgId") === String(ORG.id);
  if (!isOurs || user === undefined || !isMember(user)) throw refusal(401, "Not a valid organization");
}
