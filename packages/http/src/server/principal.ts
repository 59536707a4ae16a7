import type { X509Certificate } from "node:crypto";
import { alternativeNames } from "@narthex/tls";

/** The user or program that sent a request. */
export interface Principal {
  /** How the sender is identified: by a password or session, a verified certificate, or a program's token. */
  readonly kind: "anonymous" | "user" | "certificate" | "token";
  /** Name of the user, or the first name in the certificate; "" for anonymous. */
  readonly name: string;
  /** The account of the sender, if the program has its own accounts. */
  readonly identity?: Identity;
}

/** Role of a user in an organization. Each role includes the rights of the roles before it. */
export type OrgRole = "None" | "Viewer" | "Editor" | "Admin";

/** An account of a program with its own accounts, and what determines the account's rights. */
export interface Identity {
  readonly kind: "anonymous" | "user" | "service-account";
  /** Id of the account; 0 for visitors who are not signed in. */
  readonly id: number;
  readonly role: OrgRole;
  /** True if the account may do everything in all organizations. */
  readonly isServerAdmin: boolean;
  /** Ids of the teams to which the account belongs. */
  readonly teams: ReadonlySet<number>;
}

export const ANONYMOUS: Principal = { kind: "anonymous", name: "" };

/** Returns the principal that a verified certificate names. */
export function principalOfCertificate(certificate: X509Certificate): Principal {
  const [first] = alternativeNames(certificate);
  return { kind: "certificate", name: first ?? certificate.subject.split("\n").at(-1)!.replace(/^CN=/, "") };
}

declare module "fastify" {
  interface FastifyRequest {
    principal: Principal;
  }
}
