import { readFileSync } from "node:fs";
import {
  type Codec,
  type DecodeContext,
  decodeYaml,
  field,
  flag,
  formatProblem,
  goDuration,
  INVALID,
  integer,
  mapOf,
  optional,
  section,
  text,
  type YamlNode,
} from "@narthex/config";
import type { ReadText } from "@narthex/runtime";
import { type ServerTerms, serverTerms, ServerTlsError, serverTlsSection } from "@narthex/tls";

/** Content of `--web.config.file`: TLS, HTTP headers, rate limit, users. */
export interface WebConfig {
  /** TLS options, or undefined for a server without TLS. */
  readonly tls: ServerTerms | undefined;
  /** Whether HTTP/2 is enabled over TLS. */
  readonly http2: boolean;
  readonly headers: ReadonlyMap<string, string>;
  /** Rate limit: one request per interval on average, and up to `burst` requests at the same time. */
  readonly rateLimit: { readonly burst: number; readonly intervalMs: number } | undefined;
  /** bcrypt hashes by user. If the map is empty, no login is required. */
  readonly users: ReadonlyMap<string, string>;
}

/** Error for a web config file that cannot be used. The message contains file, position and advice for each problem. */
export class WebConfigError extends Error {
  override readonly name = "WebConfigError";
}

/** HTTP headers that the web config file may set, each with its allowed values. An empty list allows every value. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  "Content-Security-Policy": [],
  "Strict-Transport-Security": [],
  "X-Content-Type-Options": ["nosniff"],
  "X-Frame-Options": ["deny", "sameorigin"],
  "X-XSS-Protection": [],
};

/**
 * Schema of a mapping with arbitrary keys. `problem` checks one entry, and returns a message and advice if it is
 * invalid.
 */
function checkedMap(
  goType: string,
  problem: (key: string, value: string) => readonly [message: string, hint: string] | undefined,
): Codec<ReadonlyMap<string, string>> {
  const plain = mapOf(text, goType);
  return {
    ...plain,
    decode(node: YamlNode, context: DecodeContext) {
      const map = plain.decode(node, context);
      if (map === INVALID || node.kind !== "map") return map;
      let isSound = true;
      for (const { key } of node.entries) {
        const found = problem(key.text, map.get(key.text)!);
        if (found === undefined) continue;
        context.report(key, "bad-entry", ...found);
        isSound = false;
      }
      return isSound ? map : INVALID;
    },
  };
}

const headers = checkedMap("map[string]string", (name, value) => {
  const allowed = Object.hasOwn(HEADERS, name) ? HEADERS[name] : undefined;
  if (allowed === undefined) {
    return [`HTTP header "${name}" can not be configured`, `allowed: ${Object.keys(HEADERS).join(", ")}`];
  }
  if (allowed.length === 0 || allowed.includes(value)) return undefined;
  const expected = allowed.map((word) => `"${word}"`).join(" ");
  const message = `invalid value for ${name}. Expected one of: [${expected}], but got: "${value}"`;
  return [message, `write ${allowed.join(" or ")}`];
});

const BCRYPT = /^\$2[a-z]?\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}/;

const users = checkedMap("map[string]config.Secret", (user, hash) =>
  BCRYPT.test(hash)
    ? undefined
    : [
        `basic_auth_users: the value of "${user}" is no bcrypt hash`,
        `make one with: htpasswd -nBC 10 "" | tr -d ':\\n'`,
      ],
);

const httpSection = section("web.HTTPConfig", {
  http2: field("http2", flag, true, true),
  headers: field("headers", headers, new Map()),
});

const rateLimitSection = section("web.RateLimiterConfig", {
  burst: field("burst", integer, 0),
  intervalMs: field("interval", goDuration, 0),
});

const webConfigSection = section("web.Config", {
  tls: optional("tls_server_config", serverTlsSection),
  http: field("http_server_config", httpSection, httpSection.empty()),
  rateLimit: field("rate_limit", rateLimitSection, rateLimitSection.empty()),
  users: field("basic_auth_users", users, new Map()),
});

const fromDisk: ReadText = (path) => readFileSync(path, "utf8");

/**
 * Reads and checks the web config file and the files that it names. Throws WebConfigError, which stops the start of the
 * server, because a server must not run unprotected.
 * @param read reads a file; so the caller knows which files were read
 */
export function loadWebConfig(path: string, read: ReadText = fromDisk): WebConfig {
  let source: string;
  try {
    source = read(path);
  } catch (error) {
    throw new WebConfigError(`open ${path}: ${systemReason(error)}`, { cause: error });
  }
  const loaded = decodeYaml(source, path, webConfigSection);
  if (!loaded.ok) throw new WebConfigError(loaded.problems.map(formatProblem).join("\n"));
  const { tls, http, rateLimit, users: known } = loaded.value;
  try {
    return {
      tls: tls && serverTerms(tls, path, read),
      http2: http.http2,
      headers: new Map([...http.headers].map(([name, value]) => [name, oneLine(value)])),
      rateLimit: rateLimit.intervalMs > 0 ? rateLimit : undefined,
      users: known,
    };
  } catch (error) {
    if (!(error instanceof ServerTlsError)) throw error;
    throw new WebConfigError(error.message, { cause: error });
  }
}

/** Returns the value of a header without line breaks, as Go writes it. */
const oneLine = (value: string): string => value.replaceAll(/[\r\n]/g, " ").trim();

/** Returns the message of a system error without Node's code and path. */
function systemReason(error: unknown): string {
  const code = (error as { code?: string }).code;
  if (code === "ENOENT") return "no such file or directory";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "is a directory";
  return error instanceof Error ? error.message : String(error);
}
