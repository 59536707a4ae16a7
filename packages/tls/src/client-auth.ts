import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { alternativeNames } from "./alternative-names.ts";

/**
 * Requirements that a server may have for clients' certificates, with Go's names. RequireClientCert is an old name of
 * RequireAnyClientCert.
 */
export const CLIENT_AUTH = [
  "NoClientCert",
  "RequestClientCert",
  "RequireAnyClientCert",
  "RequireClientCert",
  "VerifyClientCertIfGiven",
  "RequireAndVerifyClientCert",
] as const;

export type ClientAuth = (typeof CLIENT_AUTH)[number];

/** Requirements of a server for its clients' certificates. */
export interface ClientTerms {
  readonly clientAuth: ClientAuth;
  /**
   * Alternative names, at least one of which a client's certificate must contain. If names are set, a certificate is
   * required, except with NoClientCert. Undefined if names are not checked.
   */
  readonly allowedSans: ReadonlySet<string> | undefined;
}

const REQUIRING: ReadonlySet<ClientAuth> = new Set([
  "RequireAnyClientCert",
  "RequireClientCert",
  "RequireAndVerifyClientCert",
]);
const VERIFYING: ReadonlySet<ClientAuth> = new Set(["VerifyClientCertIfGiven", "RequireAndVerifyClientCert"]);

export const requiresCertificate = (clientAuth: ClientAuth): boolean => REQUIRING.has(clientAuth);

/** Reports whether a certificate that a client sends must be signed by a trusted authority. */
export const verifiesCertificate = (clientAuth: ClientAuth): boolean => VERIFYING.has(clientAuth);

export const NO_CERTIFICATE_SENT = "client didn't provide a certificate";

/** Data about a client after the TLS handshake. */
export interface Handshake extends Pick<TLSSocket, "authorized" | "authorizationError"> {
  /** The client's certificate, if it sent one. */
  readonly certificate: X509Certificate | undefined;
  /** True if the client resumed an earlier TLS session. */
  readonly isResumed: boolean;
}

/**
 * Returns the reason why a client is refused, in Go's words, or undefined if it is accepted.
 * @param nowMs current time, Unix ms. A resumed session was verified when it began; its certificate may have expired
 * since.
 */
export function refusal(handshake: Handshake, terms: ClientTerms, nowMs: number): string | undefined {
  const { clientAuth, allowedSans } = terms;
  if (clientAuth === "NoClientCert") return undefined;
  const { certificate } = handshake;
  if (certificate === undefined) {
    const isNeeded = requiresCertificate(clientAuth) || allowedSans !== undefined;
    return isNeeded ? NO_CERTIFICATE_SENT : undefined;
  }
  if (verifiesCertificate(clientAuth)) {
    if (!handshake.authorized) return unverified(handshake.authorizationError);
    if (handshake.isResumed && Date.parse(certificate.validTo) < nowMs) return unverified("CERT_HAS_EXPIRED");
  }
  if (allowedSans === undefined || alternativeNames(certificate).some((name) => allowedSans.has(name)))
    return undefined;
  return `could not find allowed SANs in client cert, found: ${[...allowedSans].join(" ")}`;
}

const EXPIRED = "x509: certificate has expired or is not yet valid";
const UNKNOWN_AUTHORITY = "x509: certificate signed by unknown authority";

const REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: EXPIRED,
  CERT_NOT_YET_VALID: EXPIRED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  INVALID_PURPOSE: "x509: certificate specifies an incompatible key usage",
};

/** Converts Node's code for an invalid certificate to Go's words. */
export function unverified(fault: Error | string | null): string {
  const code = String(fault);
  return `failed to verify certificate: ${REASONS[code] ?? `x509: ${code}`}`;
}
