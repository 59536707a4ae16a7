import { QueryFailure } from "../query-failure.ts";

const WRONG_NAME =
  "the name in the server's certificate is another one than the host of the URL; " +
  "write this name in the URL, or as the server name in the TLS settings";
const UNTRUSTED = "the server's certificate is not signed by a known authority; set the authority's certificate";

/** Problems of TLS, by the code or the message of an error. */
const TLS_PROBLEMS: readonly (readonly [RegExp, problem: string])[] = [
  [/does not support (?:SSL|secure) connection/, "the server does not use TLS; turn TLS off for this source"],
  [/wrong version number/i, "the server does not use TLS; write http instead of https in the URL"],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate|x509: cannot validate|certificate is valid for/,
    WRONG_NAME,
  ],
  [/certificate is not valid for any names|certificate relies on legacy Common Name/, WRONG_NAME],
  [
    /CERT_NOT_YET_VALID|certificate is not yet valid|not yet valid: .{1,50} is before/,
    "the server's certificate is not valid yet; check the clocks",
  ],
  [/CERT_HAS_EXPIRED|certificate has expired/, "the server's certificate has expired; renew it"],
  [/certificate of the authority has expired/, "the certificate of the server's authority has expired; renew it"],
  [/SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|self-signed|unable to (?:get|verify)/, UNTRUSTED],
  [/x509: certificate signed by unknown authority/, UNTRUSTED],
  [/KEY_VALUES_MISMATCH/, "the client's key does not belong to its certificate; set the key of this certificate"],
  [/^ERR_OSSL|ERR_TLS_INVALID/, "a certificate or a key of the source's TLS settings cannot be read; write it as PEM"],
  [
    /certificate required|handshake failure|bad certificate|unknown ca/i,
    "the server refuses the client's certificate; set a certificate that the server accepts",
  ],
];

/**
 * Converts the reason why a connection failed to an error for the user, if TLS is the reason. The message does not
 * contain the server's address, because viewers of a dashboard see the message.
 */
export function tlsFailure(error: unknown): QueryFailure | undefined {
  const { code, message = "" } = error as { readonly code?: string; readonly message?: string };
  const words = `${code ?? ""} ${message}`.slice(0, 2000).trim();
  const problem = TLS_PROBLEMS.find(([sign]) => sign.test(words))?.[1];
  return problem === undefined ? undefined : new QueryFailure(502, `TLS with the data source failed: ${problem}`);
}
