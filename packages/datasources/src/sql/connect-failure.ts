import { reachFailure } from "../outgoing/reach-failure.ts";
import { QueryFailure } from "../query-failure.ts";

const WRONG_NAME = "the name in the server's certificate is another one than the host of the URL";
const UNTRUSTED = "the server's certificate is not signed by a known authority; set the authority's certificate";

/** Problems of TLS, by the code or the message of an error. */
const TLS_PROBLEMS: readonly (readonly [RegExp, problem: string])[] = [
  [/does not support (?:SSL|secure) connection/, "the server does not use TLS; turn TLS off for this source"],
  [/ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate/, WRONG_NAME],
  [/CERT_HAS_EXPIRED|certificate has expired/, "the server's certificate has expired"],
  [/CERT_NOT_YET_VALID|certificate is not yet valid/, "the server's certificate is not valid yet"],
  [/SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|self-signed|unable to (?:get|verify)/, UNTRUSTED],
  [/KEY_VALUES_MISMATCH/, "the client's key does not belong to its certificate"],
  [/^ERR_OSSL|ERR_TLS_INVALID/, "a certificate or a key of the source's TLS settings cannot be read; write it as PEM"],
  [/certificate required|handshake failure|bad certificate|unknown ca/i, "the server refuses the client's certificate"],
];

/**
 * Converts the reason why a connection failed to an error for the user. The message does not contain addresses, users
 * or passwords, because viewers of a dashboard see the message.
 */
export function connectFailure(error: unknown): QueryFailure {
  if (error instanceof QueryFailure) return error;
  const { code, message = "" } = error as { readonly code?: string; readonly message?: string };
  const words = `${code ?? ""} ${message}`.slice(0, 2000).trim();
  const problem = TLS_PROBLEMS.find(([sign]) => sign.test(words))?.[1];
  if (problem !== undefined) return new QueryFailure(502, `TLS with the data source failed: ${problem}`);
  if (/^Connection terminated|timeout expired|Connection lost|in closed state|LOCAL INFILE/.test(message))
    return new QueryFailure(502, "the data source cannot be reached: it closed the connection");
  return reachFailure(error);
}
