import { alertText } from "./tls-alerts.ts";

/**
 * An outgoing request's failure in Go's words, which users know from their logs and target pages:
 * `Get "http://…": dial tcp 127.0.0.1:1: connect: connection refused`.
 */
export function describeFailure(method: string, url: string, error: unknown): string {
  const verb = method.charAt(0) + method.slice(1).toLowerCase();
  const { requestUrl = url } = (error ?? {}) as { requestUrl?: string };
  return `${verb} "${requestUrl}": ${failureReason(error)}`;
}

/** The failure without its request: `dial tcp 127.0.0.1:1: connect: connection refused`. */
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
      return "read: connection reset by peer";
    case "UND_ERR_SOCKET":
      return "EOF";
    case "ENOTFOUND":
      return `dial tcp: lookup ${nested.hostname ?? ""}: no such host`;
    case "EAI_AGAIN":
      return `dial tcp: lookup ${nested.hostname ?? ""}: server misbehaving`;
    case "EPROTO":
    case "ERR_SSL_WRONG_VERSION_NUMBER":
      // What answers a handshake with no record of TLS is mostly a server without it.
      if (nested.message.includes("wrong version number")) return "http: server gave HTTP response to HTTPS client";
      return nested.message;
    default:
      if (/^(?:Redirect loop detected|max redirects)/i.test(nested.message)) return "stopped after 10 redirects";
      return nested.message === "" && nested.cause !== undefined ? failureReason(nested.cause) : nested.message;
  }
}

/** Why a unix socket cannot be reached. */
function socketProblem(code: string | undefined): string {
  if (code === "ENOENT") return "no such file or directory";
  if (code === "EACCES") return "permission denied";
  return code === "ECONNREFUSED" ? "connection refused" : (code ?? "unknown error");
}
