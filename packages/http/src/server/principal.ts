import type { X509Certificate } from "node:crypto";
import { alternativeNames } from "@narthex/tls";

/** Whom a request comes from. */
export interface Principal {
  /** By what it is known: a password, or a certificate that was verified. */
  readonly kind: "anonymous" | "user" | "certificate";
  /** The user's, or the certificate's first name; "" for anonymous. */
  readonly name: string;
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
