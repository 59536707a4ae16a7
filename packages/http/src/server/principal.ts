import type { X509Certificate } from "node:crypto";
import type { Matcher } from "@narthex/model";
import { invariant } from "@narthex/runtime";
import type { FastifyRequest } from "fastify";
import { alternativeNames } from "@narthex/tls";
import { type Scope, scopesOfRole } from "./scope.ts";

/** The user or program that sent a request. */
export interface Principal {
  /** Way in which the sender is identified: by a password or session, a verified certificate, or a program's token. */
  readonly kind: "anonymous" | "user" | "certificate" | "token";
  /** Name of the user, or the first name in the certificate; "" for anonymous. */
  readonly name: string;
  /** The account of the sender, if the program has its own accounts. */
  readonly identity?: Identity;
}

/** Role of a user in an organization. Each role includes the rights of the roles that come before it in this list. */
export type OrgRole = "None" | "Viewer" | "Editor" | "Admin";

/** An account of a program with its own accounts, with the properties that determine the account's rights. */
export interface Identity {
  readonly kind: "anonymous" | "user" | "service-account";
  /** Id of the account; 0 for visitors who are not signed in. */
  readonly id: number;
  readonly role: OrgRole;
  /** The role of the account. Set if the account's token or limit gives the request a lower role. */
  readonly accountRole?: OrgRole;
  /** Whether the account belongs to no organization. Permissions that were given to such an account have no effect. */
  readonly isOutside?: boolean;
  /** True if the account may do everything in all organizations. */
  readonly isServerAdmin: boolean;
  /** Ids of the teams to which the account belongs. */
  readonly teams: ReadonlySet<number>;
  /** Scopes of the account's token, if it has fewer scopes than the role. Default: the scopes of the role. */
  readonly scopes?: ReadonlySet<Scope>;
  /** Limit of the series that the account may read. Default: all series. */
  readonly limit?: ReadLimit;
}

/** The series that an account may read. These are the series that all matchers accept, or none, with a reason. */
export type ReadLimit =
  | { readonly kind: "matchers"; readonly matchers: readonly Matcher[] }
  | { readonly kind: "nothing"; readonly reason: string };

/** Returns the matchers in the syntax of PromQL: `{team="a"}`. */
export const selectorOf = (matchers: readonly Matcher[]): string => `{${matchers.map(String).join(",")}}`;

/**
 * Returns the matchers that limit what the sender of a request may read. Returns no matchers for senders who may read
 * everything. Senders who may read nothing were already refused by the check of scopes.
 */
export function limitingMatchers({ principal: { identity } }: FastifyRequest): readonly Matcher[] {
  const limit = identity?.limit;
  if (limit === undefined) return [];
  invariant(limit.kind === "matchers", "accounts that may read nothing are refused before");
  return limit.matchers;
}

/**
 * Scopes that an account with limited series never has, because rules or tokens that it creates could read other
 * series.
 */
const NOT_LIMITED: ReadonlySet<Scope> = new Set<Scope>(["rules", "admin"]);

/** Returns whether an account has a scope. */
export const hasScope = ({ role, scopes = scopesOfRole(role), limit }: Identity, scope: Scope): boolean =>
  scopes.has(scope) && !(limit !== undefined && NOT_LIMITED.has(scope));

export const ANONYMOUS: Principal = { kind: "anonymous", name: "" };

/** Returns the principal (user) that a verified certificate names. */
export function principalOfCertificate(certificate: X509Certificate): Principal {
  const [first] = alternativeNames(certificate);
  return { kind: "certificate", name: first ?? certificate.subject.split("\n").at(-1)!.replace(/^CN=/, "") };
}

declare module "fastify" {
  interface FastifyRequest {
    principal: Principal;
  }
}
