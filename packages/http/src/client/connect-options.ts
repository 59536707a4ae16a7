import type { TlsConfig } from "@narthex/config";
import { clientTlsOptions } from "./tls-options.ts";

/** undici's connect options for a tls_config; files are read here, once per client. */
export async function connectOptions(tls: TlsConfig, http2: boolean): Promise<Record<string, unknown>> {
  return { ...(await clientTlsOptions(tls)), allowH2: http2, timeout: 0 };
}
