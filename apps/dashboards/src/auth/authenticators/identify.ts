import type { Principal } from "@narthex/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../../web/refusal.ts";
import type { Authenticator } from "./authenticator.ts";

/**
 * Identifies the sender of a request by the first authenticator that knows the sender. Returns undefined for an unknown
 * client. If credentials are wrong and no other authenticator knows the sender, rejects with the first refusal.
 */
export async function identify(
  authenticators: readonly Authenticator[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Principal | undefined> {
  let refused: Refusal | undefined;
  for (const authenticator of authenticators) {
    const found = await authenticator.identify(request, reply);
    if (found instanceof Refusal) refused ??= found;
    else if (found !== undefined) return found;
  }
  if (refused !== undefined) {
    request.hasWrongCredentials = true;
    throw refused;
  }
  return undefined;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Whether the request was refused because of its credentials. */
    hasWrongCredentials?: boolean;
  }
}
