import type { ServerOptions } from "node:https";
import type { WebTls } from "./web-config.ts";

/** Node's TLS options for a web config's tls_server_config. */
export function tlsOptions(tls: WebTls): ServerOptions {
  const asks = tls.clientAuth !== "NoClientCert";
  return {
    cert: tls.cert,
    key: tls.key,
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa }),
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
    requestCert: asks,
    rejectUnauthorized: tls.clientAuth === "RequireAndVerifyClientCert",
  };
}
