import type { X509Certificate } from "node:crypto";
import { alternativeNames } from "@narthex/tls";

/** Whom a request comes from. */
export interface Principal {
  /** By what it is known: a password or session, a certificate that was verified, a token of a program. */
  readonly kind: "anonymous" | "user" | "certificate" | "token";
  /** The user's, or the certificate's first name; "" for anonymous. */
  readonly name: string;
  /** What it may do in a role that keeps users of its own. */
  readonly grants?: Grants;
}

/** What someone may do in an organization; each role may do what those before it may. */
export type OrgRole = "None" | "Viewer" | "Editor" | "Admin";

/** What a role that keeps users knows of one. */
export interface Grants {
  /** The user's id; 0 for everybody who is not signed in. */
  readonly userId: number;
  readonly role: OrgRole;
  /** May do everything, in all organizations. */
  readonly isServerAdmin: boolean;
}

export const ANONYMOUS: Principal = { kind: "anonymous", name: "" };

/** Whom a verified certificate stands for. */
export function principalOfCertificate(certificate: X509Certificate): Principal {
  const [first] = alternativeNames(certificate);
  return { kind: "certificate", name: first ?? certificate.subject.split("\n").at(-1)!.replace(/^CN=/, "") };
}

declare module "fastify" {
  interface FastifyRequest {
    /** Whom it comes from. */
    principal: Principal;
  }
}
