import { readFile } from "node:fs/promises";
import type { TlsConfig } from "@narthex/config";

const VERSIONS = { TLS10: "TLSv1", TLS11: "TLSv1.1", TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;

/** undici's connect options for a tls_config; files are read here, once per client. */
export async function connectOptions(tls: TlsConfig, http2: boolean): Promise<Record<string, unknown>> {
  const pem = async (inline: string, file: string): Promise<string | undefined> => {
    if (file !== "") return readFile(file, "utf8");
    return inline === "" ? undefined : inline;
  };
  const ca = await pem(tls.ca, tls.caFile);
  const cert = await pem(tls.cert, tls.certFile);
  const key = await pem(tls.key?.reveal() ?? "", tls.keyFile);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.serverName === "" ? {} : { servername: tls.serverName }),
    ...(tls.minVersion === undefined ? {} : { minVersion: VERSIONS[tls.minVersion] }),
    ...(tls.maxVersion === undefined ? {} : { maxVersion: VERSIONS[tls.maxVersion] }),
    rejectUnauthorized: !tls.insecureSkipVerify,
    allowH2: http2,
    timeout: 0,
  };
}
