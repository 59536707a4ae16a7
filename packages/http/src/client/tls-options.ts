import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import type { TlsConfig } from "@narthex/config";
import { TLS_VERSIONS } from "@narthex/tls";

/** Certificates and key of a tls_config, read from wherever they are. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Node's options for a connection under a tls_config. */
export function tlsOptionsOf(tls: TlsConfig, { ca, cert, key }: TlsMaterial): ConnectionOptions {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.serverName === "" ? {} : { servername: tls.serverName }),
    ...(tls.minVersion === undefined ? {} : { minVersion: TLS_VERSIONS[tls.minVersion] }),
    ...(tls.maxVersion === undefined ? {} : { maxVersion: TLS_VERSIONS[tls.maxVersion] }),
    rejectUnauthorized: !tls.insecureSkipVerify,
  };
}

/** The same with the files it names, read now. Rejects where one cannot be read. */
export async function clientTlsOptions(tls: TlsConfig): Promise<ConnectionOptions> {
  const pem = async (inline: string, file: string): Promise<string | undefined> => {
    if (file !== "") return readFile(file, "utf8");
    return inline === "" ? undefined : inline;
  };
  const ca = await pem(tls.ca, tls.caFile);
  const cert = await pem(tls.cert, tls.certFile);
  return tlsOptionsOf(tls, { ca, cert, key: await pem(tls.key?.reveal() ?? "", tls.keyFile) });
}

/** undici's connect options for a tls_config; files are read here, once per client. */
export async function connectOptions(tls: TlsConfig, http2: boolean): Promise<Record<string, unknown>> {
  return { ...(await clientTlsOptions(tls)), allowH2: http2, timeout: 0 };
}
