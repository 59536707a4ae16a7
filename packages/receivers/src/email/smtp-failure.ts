import { CertificateError, failureReason } from "@narthex/http";
import type { Reply } from "./smtp-reply.ts";

/** Error of the connection to a mail server or of the SMTP dialogue. A later attempt may succeed. */
export class SmtpError extends Error {
  override readonly name = "SmtpError";
}

/** Returns an error with the mail server's refusal, such as `550 "no such user"`. */
export const refusalOf = ({ code, lines }: Reply): SmtpError =>
  new SmtpError(`${code} ${JSON.stringify(lines.join("\n"))}`);

/** Returns the text that Go has for a failed connection, such as `EOF` or `tls: …`. */
export function smtpErrorText(failure: Error & { readonly code?: string }): string {
  const { code, message } = failure;
  if (message.startsWith("Client network socket disconnected")) return "EOF";
  if (/wrong version number|packet length too long/.test(message)) {
    return "tls: first record does not look like a TLS handshake";
  }
  const distrust = code === undefined ? undefined : certificateReason(code);
  if (distrust !== undefined) return new CertificateError(distrust).message;
  return code === "EPIPE" ? "write: broken pipe" : failureReason(failure);
}

/** Returns the reason why OpenSSL refuses a certificate chain. */
function certificateReason(code: string): string | undefined {
  if (/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/.test(code)) return "certificate has expired or is not yet valid";
  if (code === "INVALID_PURPOSE") return "certificate specifies an incompatible key usage";
  return /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA$|PATH_LENGTH_)/.test(code)
    ? "certificate signed by unknown authority"
    : undefined;
}
