import { AsyncLocalStorage } from "node:async_hooks";
import type { FastifyRequest } from "fastify";
import type { Actor, ActorKind, AuditRecord } from "./audit-record.ts";

/** The origin of a change: a request, or a part of the server. */
export interface Origin extends Pick<AuditRecord, "actor" | "address" | "requestId"> {
  /** Id of the session that the request used. The audit log does not contain this id. */
  readonly sessionId?: number | undefined;
}

/**
 * Functions that compute the origin. The origin is computed when a record is written, because a request's sender is
 * identified after the request has begun.
 */
const origins = new AsyncLocalStorage<() => Origin>();

const SERVER: Origin = { actor: { kind: "server" } };

/** Returns the origin of changes that the running code makes. Outside of a request, this is the server itself. */
export const currentOrigin = (): Origin => origins.getStore()?.() ?? SERVER;

/** Runs code whose changes are recorded with this actor, even within a request. */
export const asActor = <T>(kind: Extract<ActorKind, "server" | "provisioning" | "import">, run: () => T): T =>
  origins.run(() => ({ actor: { kind } }), run);

/** Runs code whose changes are recorded with this request as their origin. */
export const asRequest = <T>(request: FastifyRequest, run: () => T): T => origins.run(() => originOf(request), run);

export function originOf(request: FastifyRequest): Origin {
  const { clientAddress, id, session } = request;
  const address = clientAddress === "" ? {} : { address: clientAddress };
  return { actor: actorOf(request), ...address, requestId: id, sessionId: session?.id };
}

/** Returns the sender of a request as an actor, as far as the sender is identified. */
function actorOf({ principal, tokenId }: FastifyRequest): Actor {
  const { identity, kind, name } = principal;
  const login = name === "" ? {} : { login: name };
  if (identity === undefined || identity.id === 0)
    return { kind: kind === "certificate" ? kind : "anonymous", ...login };
  const token = tokenId === undefined ? {} : { tokenId };
  return { kind: identity.kind, id: identity.id, ...login, ...token };
}
