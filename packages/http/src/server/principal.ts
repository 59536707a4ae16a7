import type { X509Certificate } from "node:crypto";
import { alternativeNames } from "@narthex/tls";

/** The user or program that sent a request. */
export interface Principal {
  /** How the sender is identified: by a password or session, a verified certificate, or a program's token. */
  readonly kind: "anonymous" | "user" | "certificate" | "token";
  /** Name of the user, or the certificate's first name; "" for anonymous. */
  readonly name: string;
  /** Rights of a user in a role that keeps its own users. */
  readonly grants?: Grants;
}

/** Role of a user in an organization. Each role includes the rights of those before it. */
export type OrgRole = "None" | "Viewer" | "Editor" | "Admin";

/** A user's rights in a role that keeps users. */
export interface Grants {
  /** The user's id; 0 for everyone who is not signed in. */
  readonly userId: number;
  readonly role: OrgRole;
  /** True if the user may do everything in all organizations. */
  readonly isServerAdmin: boolean;
}

export const ANONYMOUS: Principal = { kind: "anonymous", name: "" };

/** Returns the principal of a verified certificate. */
export function principalOfCertificate(certificate: X509Certificate): Principal {
  const [first] = alternativeNames(certificate);
  return { kind: "certificate", name: first ?? certificate.subject.split("\n").at(-1)!.replace(/^CN=/, "") };
}

declare module "fastify" {
  interface FastifyRequest {
    /** Sender of the request. */
    principal: Principal;
  }
}
