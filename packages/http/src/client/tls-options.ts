import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import type { TlsConfig } from "@narthex/config";

/** Node's names of the versions that configurations name. */
export const TLS_VERSIONS = { TLS10: "TLSv1", TLS11: "TLSv1.1", TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;

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
