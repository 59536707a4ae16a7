import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import type { X509Certificate } from "node:crypto";

/** Error that a server's certificate cannot be trusted. The message is the same as in Go's TLS library. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";

  constructor(what: string) {
    super(`tls: failed to verify certificate: x509: ${what}`);
  }
}

/** The fields of a TLS socket that describe the peer's certificate. */
type VerifiedSocket = Pick<TLSSocket, "getPeerX509Certificate" | "authorized"> &
  Partial<Pick<TLSSocket, "authorizationError">>;

/**
 * Checks the server's certificate on a connection that was opened with `rejectUnauthorized: false`. Returns the
 * problem; undefined if the certificate is valid. Checks in Go's order: validity period, name, issuer. Must be called
 * before any data is sent.
 * @param name host name or address for which the certificate must be valid
 * @param now time of the clock, ms
 */
export function certificateProblem(socket: VerifiedSocket, name: string, now: number): CertificateError | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return new CertificateError("no certificate was sent");
  const problem = timeProblem(certificate, now) ?? nameProblem(certificate, name) ?? signerProblem(socket);
  return problem === undefined ? undefined : new CertificateError(problem);
}

function timeProblem({ validFrom, validTo }: X509Certificate, now: number): string | undefined {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  const words = "certificate has expired or is not yet valid: current time";
  if (now < from) return `${words} ${localTime(now)} is before ${utc(from)}`;
  return now > to ? `${words} ${localTime(now)} is after ${utc(to)}` : undefined;
}

/**
 * Returns the problem if the certificate is not valid for a name, otherwise undefined. Ignores the common name, which
 * is obsolete, and checks only alternative names.
 */
function nameProblem(certificate: X509Certificate, name: string): string | undefined {
  const { subjectAltName } = certificate;
  const address = isIP(name) !== 0;
  if (subjectAltName !== undefined) {
    // Whether the certificate is valid for the name. The common name is ignored if there are alternative names of any
    // kind.
    const found = address ? certificate.checkIP(name) : certificate.checkHost(name, { subject: "never" });
    if (found !== undefined) return undefined;
  } else if (!address && certificate.checkHost(name, { subject: "always" }) !== undefined) {
    return "certificate relies on legacy Common Name field, use SANs instead";
  }
  const names = alternatives(subjectAltName ?? "", address ? "IP Address" : "DNS");
  if (names.length > 0) return `certificate is valid for ${names.join(", ")}, not ${name}`;
  return address
    ? `cannot validate certificate for ${name} because it doesn't contain any IP SANs`
    : `certificate is not valid for any names, but wanted to match ${name}`;
}

/**
 * Returns the alternative names of one kind. Leaves out quoted names, because they contain commas and cannot match a
 * host.
 */
const alternatives = (list: string, kind: "DNS" | "IP Address"): string[] =>
  list
    .split(", ")
    .filter((entry) => entry.startsWith(`${kind}:`))
    .map((entry) => entry.slice(kind.length + 1))
    .map((name) => (kind === "DNS" ? name : shortAddress(name)));

/** Shortens an IPv6 address. OpenSSL writes such an address as eight groups. */
const shortAddress = (address: string): string =>
  address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

function signerProblem({ authorized, authorizationError }: VerifiedSocket): string | undefined {
  if (authorized) return undefined;
  const code = String(authorizationError);
  // Ignores Node's check of names, because the names were already checked by Go's rules.
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return undefined;
  switch (code) {
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return "the certificate of the authority has expired or is not yet valid";
    case "INVALID_PURPOSE":
      return "certificate specifies an incompatible key usage";
    default:
      return "certificate signed by unknown authority";
  }
}

const utc = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** Formats a time by RFC 3339 in the machine's zone. */
function localTime(ms: number): string {
  const offset = -new Date(ms).getTimezoneOffset();
  if (offset === 0) return utc(ms);
  const digits = (value: number): string => String(value).padStart(2, "0");
  const zone = `${offset < 0 ? "-" : "+"}${digits(Math.floor(Math.abs(offset) / 60))}:${digits(Math.abs(offset) % 60)}`;
  return utc(ms + offset * 60_000).replace("Z", zone);
}
