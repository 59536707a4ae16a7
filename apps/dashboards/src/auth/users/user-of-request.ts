import type { FastifyRequest } from "fastify";
import { refusal, unauthorized } from "../../web/refusal.ts";
import { pathParameter } from "../../web/request-body.ts";
import { accountIdOf } from "../identity.ts";
import type { User, Users } from "./users.ts";

/** Returns the user who sent a request. Throws Refusal for other senders, such as service accounts. */
export function signedInUser(users: Users, request: FastifyRequest): User {
  const user = users.byId(accountIdOf(request));
  if (user === undefined) throw unauthorized();
  return user;
}

/** Returns the user whose `id` is in the request's path. Throws Refusal for an unknown user. */
export function foundUser(users: Users, request: FastifyRequest): User {
  const user = users.byId(Number(pathParameter(request, "id")));
  if (user === undefined) throw refusal(404, "user not found");
  return user;
}
