import type { FastifyRequest } from "fastify";

/** Whom a request's queries are counted for: who is signed in; of those who are not, each address is one. */
export const askingUser = ({ principal, clientAddress }: FastifyRequest): string =>
  principal.kind === "anonymous" ? `anonymous at ${clientAddress}` : `${principal.kind} ${principal.name}`;
