import type { Principal } from "@narthex/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Refusal } from "../../web/refusal.ts";

/** One way to identify the sender of a request, for example by a session cookie. */
export interface Authenticator {
  /**
   * Returns the sender of a request. Returns undefined if the request does not use this way to sign in, and a refusal
   * if its credentials are wrong.
   */
  identify(request: FastifyRequest, reply: FastifyReply): Promise<Principal | Refusal | undefined>;
}
