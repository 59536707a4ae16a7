import type { FastifyRequest } from "fastify";

export { basicCredentials, TOKEN_USER } from "@narthex/http";

/**
 * Returns the credentials in the Authorization header for a scheme, which is given in lower case. Returns undefined if
 * the header is missing or has another scheme.
 */
export function authorizationOf(request: FastifyRequest, scheme: string): string | undefined {
  // The Authorization header is ignored if the web config has already used it to identify the user.
  const header = request.principal.kind === "user" ? undefined : request.headers.authorization;
  const [, sent, credentials = ""] = /^([a-z]+) (.*)$/is.exec(header ?? "") ?? [];
  return sent?.toLowerCase() === scheme ? credentials : undefined;
}
