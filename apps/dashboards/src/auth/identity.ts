import type { Identity, OrgRole, Principal } from "@narthex/http";
import type { FastifyRequest } from "fastify";
import type { Teams } from "./teams.ts";
import type { User } from "./users.ts";

/** Returns the principal of a user or service account, with the rights that the account has at the moment. */
export type PrincipalOf = (user: User) => Principal;

export const principalsWith =
  (teams: Teams): PrincipalOf =>
  ({ id, login, role, isServerAdmin, isServiceAccount = false }) => ({
    kind: isServiceAccount ? "token" : "user",
    name: login,
    identity: {
      kind: isServiceAccount ? "service-account" : "user",
      id,
      role,
      isServerAdmin,
      teams: teams.ofUser(id),
    },
  });

/** Returns the identity of visitors who are not signed in and have this role. */
export const visitor = (role: OrgRole): Identity => ({
  kind: "anonymous",
  id: 0,
  role,
  isServerAdmin: false,
  teams: new Set(),
});

/** Returns the id of the account that sent a request; 0 if the sender is not signed in. */
export const accountIdOf = ({ principal }: FastifyRequest): number => principal.identity?.id ?? 0;
