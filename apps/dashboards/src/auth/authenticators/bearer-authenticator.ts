import type { FastifyRequest } from "fastify";
import { namedRefusal, type Refusal } from "../../web/refusal.ts";
import type { Authenticator } from "./authenticator.ts";
import { authorizationOf } from "./authorization.ts";

/** Refuses requests with the token of a service account, because there are no service accounts. */
export class BearerAuthenticator implements Authenticator {
  identify(request: FastifyRequest): Promise<Refusal | undefined> {
    const isSent = authorizationOf(request, "bearer") !== undefined;
    return Promise.resolve(isSent ? namedRefusal(401, "api-key.invalid", "Invalid API key") : undefined);
  }
}
