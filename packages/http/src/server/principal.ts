import type { X509Certificate } from "node:crypto";
import { alternativeNames } from "@narthex/tls";

/** The user or program that sent a request. */
export interface Principal {
  /** How the sender is identified: by a password or session, a verified certificate, or a program's token. */
  readonly kind: "anonymous" | "user" | "certificate" | "token";
  /** Name of the user, or the first name in the certificate; "" for anonymous. */
  readonly name: string;
  /** Rights of the user, if the program has its own user accounts. */
  readonly grants?: Grants;
}

/** Role of a user in an organization. Each role includes the rights of the roles before it. */
export type OrgRole = "None" | "Viewer" | "Editor" | "Admin";

/** Rights of a user in a program with its own user accounts. */
export interface Grants {
  /** Id of the user; 0 for visitors who are not signed in. */
  readonly userId: number;
  readonly role: OrgRole;
  /** True if the user may do everything in all organizations. */
  readonly isServerAdmin: boolean;
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
