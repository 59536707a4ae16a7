import type { Principal } from "@narthex/http";
import type { FastifyRequest } from "fastify";
import type { User } from "./users.ts";

export const principalOf = ({ id, login, role, isServerAdmin }: User): Principal => ({
  kind: "user",
  name: login,
  identity: { kind: "user", id, role, isServerAdmin, teams: [] },
});

/** Returns the id of the account that sent a request; 0 if the sender is not signed in. */
export const accountIdOf = ({ principal }: FastifyRequest): number => principal.identity?.id ?? 0;
