import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { parseDuration } from "@narthex/model";
import { TLS_VERSIONS } from "./client/tls-options.ts";

/** What `--web.config.file` says: TLS, HTTP headers, rate limit, users. */
export interface WebConfig {
  readonly tls: WebTls | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly rateLimit: { readonly burst: number; readonly intervalMs: number } | undefined;
  /** User to bcrypt hash; empty means open. */
  readonly users: ReadonlyMap<string, string>;
}

type NodeTlsVersion = (typeof TLS_VERSIONS)[keyof typeof TLS_VERSIONS];

export interface WebTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | undefined;
  readonly clientAuth: ClientAuth;
  readonly minVersion: NodeTlsVersion;
  readonly maxVersion: NodeTlsVersion;
  readonly clientAllowedSans: readonly string[];
  /** Files the material was read from, to notice a renewal. */
  readonly files: readonly string[];
}

export type ClientAuth = (typeof CLIENT_AUTH)[number];

/** What a server may ask of its clients' certificates. */
export const CLIENT_AUTH = [
  "NoClientCert",
  "RequestClientCert",
  "RequireAnyClientCert",
  "RequireClientCert",
  "VerifyClientCertIfGiven",
  "RequireAndVerifyClientCert",
] as const;
const HEADER_NAMES = [
  "Content-Security-Policy",
  "X-Frame-Options",
  "X-Content-Type-Options",
  "X-XSS-Protection",
  "Strict-Transport-Security",
];

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "": ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"],
  tls_server_config: [
    "cert",
    "cert_file",
    "key",
    "key_file",
    "client_auth_type",
    "client_ca",
    "client_ca_file",
    "client_allowed_sans",
    "min_version",
    "max_version",
    "cipher_suites",
    "curve_preferences",
    "prefer_server_cipher_suites",
  ],
  http_server_config: ["http2", "headers"],
  "http_server_config.headers": HEADER_NAMES,
  rate_limit: ["burst", "interval"],
};

/** A web config file that cannot be used; the message names file, line and mend. */
export class WebConfigError extends Error {
  override readonly name = "WebConfigError";
}

/** Reads and checks the file. Throws WebConfigError: a file that protects works or stops the start. */
export function loadWebConfig(path: string): WebConfig {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (error) {
    throw new WebConfigError(`open ${path}: ${systemReason(error)}`, { cause: error });
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const lineOf = (node: Node | null | undefined): number => lines.linePos(node?.range?.[0] ?? 0).line;
  const fail = (line: number, sentence: string): never => {
    throw new WebConfigError(`${path}:${line}: ${sentence}`);
  };
  const broken = document.errors[0];
  if (broken !== undefined) fail(lines.linePos(broken.pos[0]).line, `yaml: ${broken.message}`);
  checkFields(document.contents, "", (node, sentence) => fail(lineOf(node), sentence));
  const plain = (document.toJS() ?? {}) as RawWebConfig;
  const lineOfKey = (...keys: string[]): number => lineOf(document.getIn(keys, true) as Node | undefined);
  return {
    tls: plain.tls_server_config
      ? tlsOf(plain.tls_server_config, dirname(path), (key, sentence) =>
          fail(lineOfKey("tls_server_config", key), sentence),
        )
      : undefined,
    headers: plain.http_server_config?.headers ?? {},
    rateLimit: rateLimitOf(plain, (key, sentence) => fail(lineOfKey("rate_limit", key), sentence)),
    users: usersOf(plain, (user, sentence) => fail(lineOfKey("basic_auth_users", user), sentence)),
  };
}

interface RawWebConfig {
  readonly tls_server_config?: Readonly<Record<string, unknown>> | null;
  readonly http_server_config?: { readonly http2?: boolean; readonly headers?: Record<string, string> } | null;
  readonly basic_auth_users?: Readonly<Record<string, unknown>> | null;
  readonly rate_limit?: { readonly burst?: number; readonly interval?: string } | null;
}

type Refuse = (key: string, sentence: string) => never;

function checkFields(node: Node | null, path: string, refuse: (node: Node, sentence: string) => void): void {
  const known = FIELDS[path];
  if (known === undefined || node === null) return;
  if (!isMap(node)) {
    if (!(isScalar(node) && node.value === null))
      refuse(node, `field ${path || "(top)"}: a mapping is expected; allowed keys: ${known.join(", ")}`);
    return;
  }
  for (const { key, value } of node.items) {
    const name = String(isScalar(key) ? key.value : key);
    if (!known.includes(name))
      refuse(key as Node, `field ${name} not found in ${path || "web config"}; allowed: ${known.join(", ")}`);
    checkFields(value as Node | null, path === "" ? name : `${path}.${name}`, refuse);
  }
}

function tlsOf(raw: Readonly<Record<string, unknown>>, folder: string, refuse: Refuse): WebTls | undefined {
  const text = (key: string): string => (typeof raw[key] === "string" ? raw[key] : "");
  const files: string[] = [];
  const material = (inline: string, file: string): string => {
    if (text(inline) !== "" && text(file) !== "") refuse(file, `at most one of ${inline} and ${file} may be set`);
    if (text(file) === "") return text(inline);
    const path = resolve(folder, text(file));
    files.push(path);
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      return refuse(file, `${file}: open ${path}: ${systemReason(error)}`);
    }
  };
  const cert = material("cert", "cert_file");
  const key = material("key", "key_file");
  const clientCa = material("client_ca", "client_ca_file");
  if (cert === "") refuse("cert_file", "missing one of cert or cert_file: name the server's certificate");
  if (key === "") refuse("key_file", "missing one of key or key_file: name the certificate's key");
  const clientAuth = (text("client_auth_type") || "NoClientCert") as ClientAuth;
  if (!CLIENT_AUTH.includes(clientAuth))
    refuse("client_auth_type", `invalid ClientAuth: ${clientAuth}; allowed: ${CLIENT_AUTH.join(", ")}`);
  if (clientCa !== "" && clientAuth === "NoClientCert")
    refuse("client_ca_file", "Client CA's have been configured without a Client Auth Policy; set client_auth_type");
  return {
    cert,
    key,
    clientCa: clientCa === "" ? undefined : clientCa,
    clientAuth,
    minVersion: versionOf("min_version", text("min_version") || "TLS12", refuse),
    maxVersion: versionOf("max_version", text("max_version") || "TLS13", refuse),
    clientAllowedSans: Array.isArray(raw["client_allowed_sans"]) ? raw["client_allowed_sans"].map(String) : [],
    files,
  };
}

function versionOf(key: string, text: string, refuse: Refuse): WebTls["minVersion"] {
  return (
    TLS_VERSIONS[text as keyof typeof TLS_VERSIONS] ??
    refuse(key, `unknown TLS version: ${text}; allowed: ${Object.keys(TLS_VERSIONS).join(", ")}`)
  );
}

function rateLimitOf(plain: RawWebConfig, refuse: Refuse): WebConfig["rateLimit"] {
  const raw = plain.rate_limit;
  if (raw === undefined || raw === null || raw.interval === undefined) return undefined;
  try {
    return { burst: raw.burst ?? 1, intervalMs: parseDuration(raw.interval) };
  } catch (error) {
    return refuse("interval", error instanceof Error ? error.message : String(error));
  }
}

function usersOf(plain: RawWebConfig, refuse: Refuse): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const [user, hash] of Object.entries(plain.basic_auth_users ?? {})) {
    if (typeof hash !== "string" || !/^\$2[abxy]?\$\d\d\$.{53}$/.test(hash)) {
      refuse(
        user,
        `basic_auth_users: the value of "${user}" is no bcrypt hash; make one with: htpasswd -nBC 10 "" | tr -d ':\\n'`,
      );
    }
    users.set(user, hash);
  }
  return users;
}

/** Words of the system error without Node's code and path. */
export function systemReason(error: unknown): string {
  const code = (error as { code?: string }).code;
  if (code === "ENOENT") return "no such file or directory";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "is a directory";
  return error instanceof Error ? error.message : String(error);
}

/** The file's content, read again whenever it changed on disk; a broken later version keeps the last good one. */
export class WebConfigSource {
  readonly #path: string;
  #current: WebConfig;
  #stamp: string;

  constructor(path: string) {
    this.#path = path;
    this.#current = loadWebConfig(path);
    this.#stamp = this.#stampNow();
  }

  current(): WebConfig {
    const stamp = this.#stampNow();
    if (stamp !== this.#stamp) {
      this.#stamp = stamp;
      try {
        this.#current = loadWebConfig(this.#path);
      } catch (error) {
        if (!(error instanceof WebConfigError)) throw error; // the last good one stays in force
      }
    }
    return this.#current;
  }

  #stampNow(): string {
    const files = [this.#path, ...(this.#current?.tls?.files ?? [])];
    return files.map((file) => stampOf(file)).join(" ");
  }
}

function stampOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs}/${size}/${ino}`;
  } catch {
    return "missing";
  }
}
