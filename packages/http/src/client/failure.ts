import { maskPassword } from "./user-info.ts";

/**
 * Describes the failure of a request with the texts of Go's HTTP client, which users know from their logs and target
 * pages: `Get "http://…": dial tcp 127.0.0.1:1: connect: connection refused`. Shows a password in the URL as `***`.
 */
export function describeFailure(method: string, url: string, error: unknown): string {
  const verb = method.charAt(0) + method.slice(1).toLowerCase();
  const { requestUrl = url } = (error ?? {}) as { requestUrl?: string };
  return `${verb} "${maskPassword(requestUrl)}": ${failureReason(error)}`;
}

/**
 * Describes a failure with the texts of Go's HTTP client, without method and URL: `dial tcp 127.0.0.1:1: connect:
 * connection refused`.
 */
export function failureReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "ProxyConnectError") return `proxyconnect tcp: ${failureReason(error.cause)}`;
  if (error.name === "AbortError" || error.name === "TimeoutError") return "context deadline exceeded";
  const nested = error as Error & {
    code?: string;
    syscall?: string;
    address?: string;
    port?: number;
    hostname?: string;
    errors?: unknown[];
    cause?: unknown;
  };
  if (nested.errors !== undefined && nested.errors.length > 0) return failureReason(nested.errors[0]);
  if (nested.address?.startsWith("/")) return `dial unix ${nested.address}: connect: ${socketProblem(nested.code)}`;
  const place =
    nested.address === undefined
      ? ""
      : ` ${nested.address.includes(":") ? `[${nested.address}]` : nested.address}:${nested.port}`;
  const alert = alertText(nested.message);
  if (alert !== undefined) return alert;
  switch (nested.code) {
    case "ECONNREFUSED":
      return `dial tcp${place}: connect: connection refused`;
    case "EHOSTUNREACH":
      return `dial tcp${place}: connect: no route to host`;
    case "ENETUNREACH":
      return `dial tcp${place}: connect: network is unreachable`;
    case "ETIMEDOUT":
      return `dial tcp${place}: i/o timeout`;
    case "ECONNRESET":
      return place === "" ? "read: connection reset by peer" : `dial tcp${place}: connect: connection reset by peer`;
    case "UND_ERR_SOCKET":
      return "EOF";
    case "ENOTFOUND":
      return `dial tcp: lookup ${nested.hostname ?? ""}: no such host`;
    case "EAI_AGAIN":
      return `dial tcp: lookup ${nested.hostname ?? ""}: server misbehaving`;
    case "EPROTO":
    case "ERR_SSL_WRONG_VERSION_NUMBER":
      // Recognises a server that answers the TLS handshake with other bytes. Such a server usually does not use TLS.
      if (nested.message.includes("wrong version number")) return "http: server gave HTTP response to HTTPS client";
      return nested.message;
    default:
      return nested.message === "" && nested.cause !== undefined ? failureReason(nested.cause) : nested.message;
  }
}

/** Returns the reason for which a unix socket cannot be reached. */
function socketProblem(code: string | undefined): string {
  if (code === "ENOENT") return "no such file or directory";
  if (code === "EACCES") return "permission denied";
  return code === "ECONNREFUSED" ? "connection refused" : (code ?? "unknown error");
}

/** Go's messages for TLS alerts (RFC 8446, section 6), by number. */
const ALERTS: Readonly<Record<number, string>> = {
  0: "close notify",
  10: "unexpected message",
  20: "bad record MAC",
  21: "decryption failed",
  22: "record overflow",
  30: "decompression failure",
  40: "handshake failure",
  42: "bad certificate",
  43: "unsupported certificate",
  44: "revoked certificate",
  45: "expired certificate",
  46: "unknown certificate",
  47: "illegal parameter",
  48: "unknown certificate authority",
  49: "access denied",
  50: "error decoding message",
  51: "error decrypting message",
  60: "export restriction",
  70: "protocol version not supported",
  71: "insufficient security level",
  80: "internal error",
  86: "inappropriate fallback",
  90: "user canceled",
  100: "no renegotiation",
  109: "missing extension",
  110: "unsupported extension",
  111: "certificate unobtainable",
  112: "unrecognized name",
  113: "bad certificate status response",
  114: "bad certificate hash value",
  115: "unknown PSK identity",
  116: "certificate required",
  120: "no application protocol",
};

/** Returns the name of the TLS alert that the peer sent, if OpenSSL's message contains an alert number. */
export function alertText(message: string): string | undefined {
  const number = /SSL alert number (\d+)/.exec(message)?.[1];
  if (number === undefined) return undefined;
  return `remote error: tls: ${ALERTS[Number(number)] ?? `alert(${number})`}`;
}

/**
 * Error of a failed request, with a message as in Go's HTTP client. Contains the URL of the request that failed; after
 * redirects, this differs from the URL of the first request.
 */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly requestUrl: string;

  constructor(message: string, requestUrl: string) {
    super(message);
    this.requestUrl = requestUrl;
  }
}

/** Adds the URL of the request to an error. */
export const withUrl = (error: Error, requestUrl: string): Error => Object.assign(error, { requestUrl });

/** Returns Go's error for a setting whose file cannot be read. `what` is the kind of the file's content. */
export const unreadableFile = (what: string, path: string, cause: unknown): Error =>
  new Error(`unable to read ${what}: unable to read file ${path}: ${readProblem(path, cause)}`, { cause });

/** Returns Go's message for a file that cannot be read. */
export function readProblem(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return `open ${path}: no such file or directory`;
  if (code === "EACCES") return `open ${path}: permission denied`;
  return code === "EISDIR" ? `read ${path}: is a directory` : message;
}
