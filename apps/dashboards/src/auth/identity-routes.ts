import { hasScope, SCOPES } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../context.ts";
import { localReturn } from "../web/local-return.ts";
import { queryOf } from "../web/request-body.ts";
import { unauthorized } from "../web/refusal.ts";
import { needs } from "./rights.ts";
import type { Teams } from "./teams.ts";
import type { Users } from "./users/users.ts";
import type { SessionCookies } from "./sessions/cookies.ts";

export interface IdentityRoutesOptions {
  readonly context: Pick<Context, "address">;
  readonly users: Users;
  readonly teams: Teams;
  readonly cookies: SessionCookies;
}

const RETURN_PATH = "/login/return";

/**
 * Adds the routes with which the other programs of the stack accept the users and tokens of the dashboards server. One
 * route returns the sender of a request; the other leads a browser through the sign-in and back.
 */
export function identityRoutes(app: FastifyInstance, options: IdentityRoutesOptions): void {
  const { address } = options.context;
  const loginUrl = `${address.url}${RETURN_PATH}`;
  const right = needs("none");
  const config = { ...right.config, keepsSession: true };
  app.get("/api/narthex/identity", { config }, (request, reply) => {
    reply.header("cache-control", "no-store");
    const body = identityOf(request, options);
    if (body !== undefined) return { ...body, loginUrl };
    return reply.code(401).send({ ...unauthorized().body, loginUrl });
  });
  app.get(RETURN_PATH, right, (request, reply) => leadBack(request, reply, options));
}

function identityOf({ principal }: FastifyRequest, { users, teams }: IdentityRoutesOptions): object | undefined {
  const { identity } = principal;
  const account = identity === undefined ? undefined : users.account(identity.id);
  if (identity === undefined || account === undefined) return undefined;
  const { kind, id, role, limit } = identity;
  return {
    kind,
    id,
    login: account.login,
    name: account.name,
    role,
    teams: [...identity.teams].flatMap((team) => teams.byId(team)?.name ?? []).toSorted(),
    scopes: SCOPES.filter((scope) => hasScope(identity, scope)),
    matchers:
      limit?.kind === "matchers" ? limit.matchers.map(({ type, name, value }) => ({ type, name, value })) : null,
    nothing: limit?.kind === "nothing" ? limit.reason : null,
  };
}

/**
 * Redirects a signed-in browser back to a page of another program of the stack. Other browsers are sent to the sign-in
 * page first. Other hosts are never a target, so that a link to this server cannot lead elsewhere.
 */
function leadBack(
  request: FastifyRequest,
  reply: FastifyReply,
  { context: { address }, cookies }: IdentityRoutesOptions,
): FastifyReply {
  const wanted = queryOf(request).get("to") ?? "";
  const back = localReturn(wanted, address);
  const isSignedIn = (request.principal.identity?.id ?? 0) > 0;
  if (!isSignedIn && back !== undefined) cookies.remember(reply, `${RETURN_PATH}?to=${encodeURIComponent(back)}`);
  const target = isSignedIn ? (back ?? `${address.path}/`) : `${address.path}/login`;
  return reply.code(302).header("location", target).header("cache-control", "no-store").send();
}
