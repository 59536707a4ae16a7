import type { Scope } from "@narthex/http";
import { invariant } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Received } from "../web/client-address.ts";
import { accessDenied, Refusal, refusal, unauthorized } from "../web/refusal.ts";
import type { Authenticator } from "./authenticators/authenticator.ts";
import { identify } from "./authenticators/identify.ts";
import type { SessionCookies } from "./sessions/cookies.ts";
import { hasRight, scopeOfRoute } from "./rights.ts";

export interface GuardOptions {
  readonly authenticators: readonly Authenticator[];
  readonly cookies: SessionCookies;
  readonly addressOf: (request: Received) => string;
  readonly isSameOrigin: (request: FastifyRequest) => boolean;
  /** Path under which a proxy publishes this server: `/grafana`; empty for none. */
  readonly subPath: string;
}

/** Identifies the sender of each request, and refuses senders without the right that the route requires. */
export function guardRoutes(app: FastifyInstance, options: GuardOptions): void {
  const { authenticators, cookies, addressOf, isSameOrigin, subPath } = options;
  app.decorateRequest("session", undefined);
  app.decorateRequest("clientAddress", "");
  app.decorateRequest("keepsSession", false);
  app.decorateRequest("tokenId", undefined);
  app.decorateRequest("hasWrongCredentials", false);
  app.decorateRequest("isCodeMissing", false);
  app.addHook("onRequest", async (request, reply) => {
    request.clientAddress = addressOf(request);
    if (request.is404) return undefined;
    if (!isSameOrigin(request)) throw refusal(403, "origin not allowed");
    const { right, action = "", keepsSession = false } = request.routeOptions.config;
    request.keepsSession = keepsSession;
    invariant(right !== undefined, `${request.routeOptions.url} declares the right that it needs`);
    if (right === "open") return undefined;
    const principal = await identify(authenticators, request, reply).catch((error: unknown) => {
      if (right === "none" || (right === "page" && error instanceof Refusal)) return undefined;
      throw error;
    });
    if (principal !== undefined) request.principal = principal;
    const lacking = lackingScope(request);
    if (lacking === undefined && hasRight(principal?.identity, right)) return undefined;
    if (right === "page") return leadToLogin(request, reply, cookies, subPath);
    if (principal === undefined || principal.kind === "anonymous") throw unauthorized();
    throw accessDenied(lacking === undefined ? action : `scope ${lacking}`);
  });
}

/** Returns the scope that the route requires but the sender's token lacks; undefined if the token has it. */
function lackingScope({ method, principal: { identity }, routeOptions }: FastifyRequest): Scope | undefined {
  if (identity?.scopes === undefined) return undefined;
  const scope = scopeOfRoute(method, routeOptions.config);
  return scope === undefined || identity.scopes.has(scope) ? undefined : scope;
}

function leadToLogin(
  request: FastifyRequest,
  reply: FastifyReply,
  cookies: SessionCookies,
  subPath: string,
): FastifyReply {
  cookies.remember(reply, request.url);
  return reply.code(302).header("location", `${subPath}/login`).send();
}
