import { readFile } from "node:fs/promises";
import { type ConnectionOptions, createSecureContext } from "node:tls";
import type { TlsConfig } from "@narthex/config";
import { type Clock, FileBacked, type Logger, logOnChange } from "@narthex/runtime";
import { TLS_VERSIONS } from "@narthex/tls";
import { unreadableFile } from "./failure.ts";

/** Certificates and private key of a tls_config. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

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

/** Returns Node's connection options for a tls_config, and reads its files. Rejects if a file cannot be read. */
export async function clientTlsOptions(tls: TlsConfig): Promise<ConnectionOptions> {
  const pem = async (inline: string, file: string): Promise<string | undefined> => {
    if (file !== "") return readFile(file, "utf8");
    return inline === "" ? undefined : inline;
  };
  const ca = await pem(tls.ca, tls.caFile);
  const cert = await pem(tls.cert, tls.certFile);
  return tlsOptionsOf(tls, { ca, cert, key: await pem(tls.key?.reveal() ?? "", tls.keyFile) });
}

/** undici's connect options. */
export type ConnectOptions = Readonly<Record<string, unknown>>;

/** Shortest time in ms between two checks of a client's TLS files. */
const LOOK_INTERVAL_MS = 5000;

/**
 * Returns undici's connect options for a tls_config. Changed files are used within seconds. If changed files are
 * invalid, the last valid files stay in use and the problem is logged. Throws if the files cannot be used at the start.
 */
export function watchedConnectOptions(
  tls: TlsConfig,
  more: ConnectOptions,
  clock: Clock,
  logger?: Logger,
): () => ConnectOptions {
  const make = (read: (path: string) => string): ConnectOptions => {
    const pem = (what: string, inline: string, file: string): string | undefined => {
      if (file === "") return inline === "" ? undefined : inline;
      try {
        return read(file);
      } catch (cause) {
        throw unreadableFile(what, file, cause);
      }
    };
    const ca = pem("CA cert", tls.ca, tls.caFile);
    const cert = pem("client cert", tls.cert, tls.certFile);
    const options = tlsOptionsOf(tls, { ca, cert, key: pem("client key", tls.key?.reveal() ?? "", tls.keyFile) });
    // Throws if certificate and key do not match. This can happen while the files are being replaced.
    if (tls.caFile + tls.certFile + tls.keyFile !== "") createSecureContext(options);
    return { ...options, ...more };
  };
  const log = logger && logOnChange(logger, "taking over changed TLS files (the last good ones stay in use)");
  const paths = [tls.caFile, tls.certFile, tls.keyFile].filter((path) => path !== "");
  const fields = { files: paths.join(", ") };
  const files = new FileBacked({
    make,
    isRefusal: () => true,
    clock,
    onRefused: ({ message }) => log?.failed(message, fields),
    onChanged: () => log?.succeeded(fields),
  });
  let options = files.current();
  let lookedAt = clock.monotonic();
  return () => {
    if (paths.length === 0 || clock.monotonic() - lookedAt < LOOK_INTERVAL_MS) return options;
    lookedAt = clock.monotonic();
    options = files.current();
    return options;
  };
}
