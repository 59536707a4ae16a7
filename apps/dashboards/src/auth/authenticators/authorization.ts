import type { FastifyRequest } from "fastify";

/**
 * Returns the credentials in the Authorization header for a scheme, which is given in lower case. Returns undefined if
 * the header is missing or has another scheme.
 */
export function authorizationOf(request: FastifyRequest, scheme: string): string | undefined {
  // If the web config has identified the user, its Authorization was already checked and is ignored here.
  const header = request.principal.kind === "user" ? undefined : request.headers.authorization;
  const [, sent, credentials = ""] = /^([a-z]+) (.*)$/is.exec(header ?? "") ?? [];
  return sent?.toLowerCase() === scheme ? credentials : undefined;
}

/** User name with which a client sends a token by Basic authentication. */
export const TOKEN_USER = "api_key";

/** Returns the name and password in credentials of Basic authentication. Returns undefined if they are malformed. */
export function basicCredentials(encoded: string): readonly [name: string, password: string] | undefined {
  const text = Buffer.from(encoded.trim(), "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
