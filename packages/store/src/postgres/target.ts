import { readFileSync } from "node:fs";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { StoreError } from "../store.ts";

const SSL_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;
type SslMode = (typeof SSL_MODES)[number];

/** Address and login of a database, from the URL and, as in PostgreSQL's library libpq, from environment variables. */
export interface Target {
  /** Host name, IP address, or folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string | undefined;
  /** Path of the file in which a missing password is looked up (.pgpass). */
  readonly passwordFile: string | undefined;
  readonly ssl: SslMode;
  /** Paths of the PEM files of the root certificate, the client certificate and its key. */
  readonly sslRootCert: string | undefined;
  readonly sslCert: string | undefined;
  readonly sslKey: string | undefined;
  /** Name that the certificate of the server must contain. Default: the host. */
  readonly sslServerName: string | undefined;
  /** Settings of the session as command-line options: `-c name=value …`. */
  readonly options: string | undefined;
  /** Address for log messages, without the password. */
  readonly printed: string;
}

const NO_HOST = "host.invalid";

type Environment = Readonly<Record<string, string | undefined>>;

/** Parameters of the URL that are supported. */
const PARAMETERS = new Set([
  "host",
  "port",
  "user",
  "password",
  "dbname",
  "passfile",
  "options",
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "sslservername",
]);

/**
 * Parses `postgres://user:password@host:port/database?sslmode=…`. Throws StoreError; the message does not contain the
 * password.
 */
export function parseTarget(text: string, env: Environment): Target {
  const url = parse(text.trim());
  const parameter = (name: string): string | undefined => url.searchParams.get(name) || undefined;
  for (const name of url.searchParams.keys()) {
    if (!PARAMETERS.has(name)) {
      throw new StoreError(
        `the URL of the store has the parameter "${name}", which is unknown; known are ${[...PARAMETERS].join(", ")}`,
      );
    }
  }
  const host =
    parameter("host") ??
    (decodeURIComponent(url.hostname)
      .replace(NO_HOST, "")
      .replace(/^\[(.*)\]$/, "$1") ||
      (env["PGHOST"] ?? "localhost"));
  const port = Number(parameter("port") ?? (url.port || (env["PGPORT"] ?? "5432")));
  const user = parameter("user") ?? (decodeURIComponent(url.username) || (env["PGUSER"] ?? env["USER"] ?? "narthex"));
  const database = parameter("dbname") ?? (decodeURIComponent(url.pathname.slice(1)) || (env["PGDATABASE"] ?? user));
  return {
    host,
    port,
    user,
    database,
    password: parameter("password") ?? (decodeURIComponent(url.password) || env["PGPASSWORD"]),
    passwordFile:
      parameter("passfile") ?? env["PGPASSFILE"] ?? (env["HOME"] === undefined ? undefined : `${env["HOME"]}/.pgpass`),
    ssl: sslMode(parameter("sslmode") ?? (env["PGSSLMODE"] || "prefer"), host),
    sslRootCert: parameter("sslrootcert") ?? env["PGSSLROOTCERT"],
    sslCert: parameter("sslcert") ?? env["PGSSLCERT"],
    sslKey: parameter("sslkey") ?? env["PGSSLKEY"],
    sslServerName: parameter("sslservername"),
    options: parameter("options") ?? env["PGOPTIONS"],
    printed: `postgres://${user}@${host.startsWith("/") ? host : `${host}:${port}`}/${database}`,
  };
}

function parse(text: string): URL {
  try {
    // Inserts a placeholder host after a user without a host. libpq accepts such URLs, because the host may be a
    // parameter, but the URL class does not.
    const url = new URL(text.replace(/^(\w+:\/\/[^/?#]*@)(?=[/?#]|$)/, `$1${NO_HOST}`));
    if (/^postgres(?:ql)?:$/.test(url.protocol)) return url;
  } catch {
    // Ignores Node's error, because it contains the password. The StoreError below replaces it.
  }
  throw new StoreError(
    'the URL of the store is not of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full; other characters than letters and digits in the password are written as "%" and two hexadecimal digits',
  );
}

function sslMode(text: string, host: string): SslMode {
  const mode = SSL_MODES.find((known) => known === text);
  if (mode === undefined) {
    throw new StoreError(`sslmode "${text}" of the store is unknown; it can be ${SSL_MODES.join(", ")}`);
  }
  return host.startsWith("/") ? "disable" : mode;
}

/**
 * Returns the TLS options for a connection, or false without TLS. Reads certificates from their files at each call.
 * Throws StoreError.
 */
export function tlsOptions({ ssl, sslRootCert, sslCert, sslKey, sslServerName }: Target): object | false {
  if (ssl === "disable") return false;
  const ca = sslRootCert === undefined || sslRootCert === "system" ? undefined : readPem(sslRootCert);
  const own = {
    ...(ca === undefined ? {} : { ca }),
    ...(sslCert === undefined ? {} : { cert: readPem(sslCert) }),
    ...(sslKey === undefined ? {} : { key: readPem(sslKey) }),
  };
  if (ssl === "verify-full") {
    if (sslServerName === undefined) return own;
    const check = (_host: string, certificate: PeerCertificate): Error | undefined =>
      checkServerIdentity(sslServerName, certificate);
    return { ...own, checkServerIdentity: check };
  }
  // As in libpq, `require` also checks the issuer if a root certificate is given.
  if (ssl === "verify-ca" || (ssl === "require" && ca !== undefined)) {
    return { ...own, checkServerIdentity: () => undefined };
  }
  return { ...own, rejectUnauthorized: false };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new StoreError(
      `read ${path} for the store's TLS: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
