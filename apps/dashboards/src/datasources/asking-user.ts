import type { FastifyRequest } from "fastify";

/** Whom a request's queries are counted for: who is signed in; of those who are not, each address is one. */
export const askingUser = ({ principal, ip }: FastifyRequest): string =>
  principal.kind === "anonymous" ? `anonymous at ${ip}` : `${principal.kind} ${principal.name}`;
