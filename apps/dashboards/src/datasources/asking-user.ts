import type { FastifyRequest } from "fastify";

/** Returns the name under which a request's queries are counted: the signed-in user, otherwise the client's address. */
export const askingUser = ({ principal, clientAddress }: FastifyRequest): string =>
  principal.kind === "anonymous" ? `anonymous at ${clientAddress}` : `${principal.kind} ${principal.name}`;
