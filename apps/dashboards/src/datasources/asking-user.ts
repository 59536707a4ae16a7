import type { FastifyRequest } from "fastify";

/**
 * Returns the name under which the queries of a request are counted: the signed-in user's name, otherwise the client's
 * address.
 */
export const askingUser = ({ principal, clientAddress }: FastifyRequest): string =>
  principal.kind === "anonymous" ? `anonymous at ${clientAddress}` : `${principal.kind} ${principal.name}`;
