import type { ConnectionOptions } from "node:tls";
import type { DataSourceSettings } from "../data-source.ts";
import { textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { secretOf } from "../source-secret.ts";

import { tlsFile } from "../sql/tls-files.ts";

const MODES = ["disable", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof MODES)[number];

/** Returns the TLS mode of a source. Throws QueryFailure for an unknown one. */
export function sslMode({ jsonData }: DataSourceSettings): SslMode {
  const written = textAt(jsonData, "sslmode") || "require";
  const mode = MODES.find((one) => one === written);
  if (mode === undefined)
    throw new QueryFailure(400, `sslmode is "${written.slice(0, 100)}"; write ${MODES.join(", ")}`);
  return mode;
}

/**
 * Returns the TLS options of a connection, or false without TLS. As in PostgreSQL's own clients, the mode `require`
 * also checks the certificate if the settings contain a certificate authority. Throws QueryFailure.
 */
export async function tlsOptions(settings: DataSourceSettings): Promise<ConnectionOptions | false> {
  const mode = sslMode(settings);
  if (mode === "disable") return false;
  const { ca, cert, key } = await certificates(settings);
  const checksCertificate = mode !== "require" || ca !== "";
  return {
    rejectUnauthorized: checksCertificate,
    ...(mode !== "verify-full" && { checkServerIdentity: () => undefined }),
    ...(ca !== "" && { ca }),
    ...(cert !== "" && { cert }),
    ...(key !== "" && { key }),
  };
}

const FILE_SETTINGS = ["sslRootCertFile", "sslCertFile", "sslKeyFile"] as const;

/** Returns the certificates in the settings. With a provisioning file, the settings may name files instead. */
async function certificates(
  settings: DataSourceSettings,
): Promise<{ readonly ca: string; readonly cert: string; readonly key: string }> {
  const pathOf = (setting: string): string => textAt(settings.jsonData, setting);
  const hasPaths = FILE_SETTINGS.some((setting) => pathOf(setting) !== "");
  if (!hasPaths || textAt(settings.jsonData, "tlsConfigurationMethod") === "file-content")
    return {
      ca: secretOf(settings, "tlsCACert"),
      cert: secretOf(settings, "tlsClientCert"),
      key: secretOf(settings, "tlsClientKey"),
    };
  if (settings.isProvisioned !== true)
    throw new QueryFailure(
      403,
      `data source "${settings.name}" reads certificates from files: define such a source in a provisioning file, ` +
        "or write the certificates into its settings",
    );
  const [ca, cert, key] = await Promise.all(
    FILE_SETTINGS.map(async (setting) => (pathOf(setting) === "" ? "" : tlsFile(pathOf(setting), setting))),
  );
  return { ca: ca!, cert: cert!, key: key! };
}
