import { INVALID } from "../decode/codec.ts";
import { listOf, mapOf } from "../decode/collections.ts";
import type { Report } from "../decode/decode-context.ts";
import type {
  AuthorizationConfig,
  BasicAuthConfig,
  HttpClientConfig,
  HttpHeaderConfig,
  ProxyConfig,
} from "./http-client.ts";
import { filePath } from "../decode/locations.ts";
import { oauth2Section } from "./oauth2-section.ts";
import { flag, text } from "../decode/plain-values.ts";
import type { Position } from "../problem.ts";
import { checkProxy, proxyFields } from "./proxy-fields.ts";
import { type Secret, secret } from "../decode/secret.ts";
import { checkSecretRefs } from "./secret-refs.ts";
import { field, optional, type FieldPositions, type Section, section } from "../decode/section.ts";
import { countSet, isSet, tlsSection } from "./tls-section.ts";

const basicAuth = section<BasicAuthConfig & { usernameRef: string; passwordRef: string }, BasicAuthConfig>(
  "config.plain",
  {
    username: field("username", text, ""),
    usernameFile: field("username_file", filePath, ""),
    usernameRef: field("username_ref", text, ""),
    password: optional("password", secret),
    passwordFile: field("password_file", filePath, ""),
    passwordRef: field("password_ref", text, ""),
  },
  (value, at, report) => {
    const users = countSet(value.username, value.usernameFile, value.usernameRef);
    const passwords = countSet(value.password, value.passwordFile, value.passwordRef);
    for (const [count, name, position] of [
      [users, "username", at.username],
      [passwords, "password", at.password],
    ] as const) {
      if (count < 2) continue;
      const message = `at most one of basic_auth ${name}, ${name}_file & ${name}_ref must be configured`;
      report(position, "auth-conflict", message, `keep either ${name} or ${name}_file`);
      return INVALID;
    }
    const refs = [
      { value: value.usernameRef, at: at.usernameRef, what: "username", file: "username_file" },
      { value: value.passwordRef, at: at.passwordRef, what: "password", file: "password_file" },
    ];
    return checkSecretRefs(refs, report) ? value : INVALID;
  },
);

const authorization = section<AuthorizationConfig & { credentialsRef: string }, AuthorizationConfig>(
  "config.Authorization",
  {
    type: field("type", text, ""),
    credentials: optional("credentials", secret),
    credentialsFile: field("credentials_file", filePath, ""),
    credentialsRef: field("credentials_ref", text, ""),
  },
  (value, at, report) => {
    const type = value.type.trim() === "" ? "Bearer" : value.type.trim();
    if (countSet(value.credentials, value.credentialsFile, value.credentialsRef) > 1) {
      const message = "at most one of authorization credentials & credentials_file must be configured";
      report(at.credentials, "auth-conflict", message, "keep one of them");
      return INVALID;
    }
    if (type.toLowerCase() === "basic") {
      const message = 'authorization type cannot be set to "basic", use "basic_auth" instead';
      report(at.type, "auth-type", message, "move user and password to basic_auth");
      return INVALID;
    }
    const { credentialsRef } = value;
    const ref = { value: credentialsRef, at: at.credentialsRef, what: "credentials", file: "credentials_file" };
    return checkSecretRefs([ref], report) ? { ...value, type } : INVALID;
  },
);

const header = section<HttpHeaderConfig>("config.Header", {
  values: field("values", listOf(text), []),
  secrets: field("secrets", listOf(secret), []),
  files: field("files", listOf(filePath), []),
});

/** Lower-case names of headers that the HTTP client sets itself. A configuration file may not set them. */
const RESERVED_HEADERS = new Set(
  (
    "authorization host content-encoding content-length content-type user-agent connection keep-alive proxy-authenticate " +
    "proxy-authorization www-authenticate accept-encoding x-prometheus-remote-write-version " +
    "x-prometheus-remote-read-version x-prometheus-scrape-timeout-seconds x-amz-date x-amz-security-token x-amz-content-sha256"
  ).split(" "),
);

interface RawHttpClient extends HttpClientConfig {
  readonly bearerToken: Secret | undefined;
  readonly bearerTokenFile: string;
}

interface HttpClientDefaults {
  readonly enableHttp2: boolean;
  /** Default: true. */
  readonly followRedirects?: boolean;
  /** Whether settings that conflict are refused. Default: true. */
  readonly isChecked?: boolean;
}

/** Returns the section for the settings of an HTTP client, with the defaults of its keys. */
export function httpClientSection({
  enableHttp2,
  followRedirects = true,
  isChecked = true,
}: HttpClientDefaults): Section<HttpClientConfig> {
  return section<RawHttpClient, HttpClientConfig>(
    "config.plain",
    {
      basicAuth: optional("basic_auth", basicAuth),
      authorization: optional("authorization", authorization),
      oauth2: optional("oauth2", oauth2Section),
      bearerToken: optional("bearer_token", secret),
      bearerTokenFile: field("bearer_token_file", filePath, ""),
      tls: field("tls_config", tlsSection, tlsSection.empty()),
      followRedirects: field("follow_redirects", flag, followRedirects, true),
      enableHttp2: field("enable_http2", flag, enableHttp2, true),
      ...proxyFields,
      httpHeaders: field("http_headers", mapOf(header, "config.Headers"), new Map<string, HttpHeaderConfig>()),
    },
    (raw, at, report) => {
      if (isChecked && !isSound(raw, at, report)) return INVALID;
      const { bearerToken, bearerTokenFile, ...client } = raw;
      if (!isSet(bearerToken) && bearerTokenFile === "") return { ...client, bearerTokenFile: "" };
      const credentials = isSet(bearerToken) ? bearerToken : undefined;
      const fromToken = { type: "Bearer", credentials, credentialsFile: bearerTokenFile, credentialsRef: "" };
      return { ...client, authorization: fromToken, bearerTokenFile: "" };
    },
  );
}

/** Returns false, and reports the settings, if settings conflict. */
function isSound(raw: RawHttpClient, at: FieldPositions<RawHttpClient>, report: Report): boolean {
  const conflict = authConflict(raw, at);
  if (conflict === undefined) return checkProxy(raw, at, report) && checkHeaders(raw, at.httpHeaders, report);
  report(conflict.at, "auth-conflict", conflict.message, "keep one way to authenticate");
  return false;
}

function authConflict(
  raw: RawHttpClient,
  at: FieldPositions<RawHttpClient>,
): { at: Position; message: string } | undefined {
  const tokens = countSet(raw.bearerToken, raw.bearerTokenFile);
  const bearerAt = isSet(raw.bearerToken) ? at.bearerToken : at.bearerTokenFile;
  if (tokens > 1) {
    return { at: bearerAt, message: "at most one of bearer_token & bearer_token_file must be configured" };
  }
  if (tokens > 0 && (raw.basicAuth !== undefined || raw.oauth2 !== undefined)) {
    const message = "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured";
    return { at: bearerAt, message };
  }
  if (tokens > 0 && raw.authorization !== undefined) {
    return { at: at.authorization, message: "authorization is not compatible with bearer_token & bearer_token_file" };
  }
  const methods = [raw.basicAuth, raw.authorization, raw.oauth2].filter((method) => method !== undefined).length;
  if (methods < 2) return undefined;
  const position = raw.basicAuth === undefined ? at.authorization : at.basicAuth;
  return { at: position, message: "at most one of basic_auth, oauth2 & authorization must be configured" };
}

function checkHeaders(raw: Pick<HttpClientConfig, "httpHeaders"> & ProxyConfig, at: Position, report: Report): boolean {
  for (const name of raw.httpHeaders.keys()) {
    if (!RESERVED_HEADERS.has(name.toLowerCase())) continue;
    report(
      at,
      "reserved-header",
      `setting header "${canonical(name)}" is not allowed`,
      "remove it; the client sets this header itself",
    );
    return false;
  }
  return true;
}

/** Returns a header's name with the capital letters that Go uses: `x-a` becomes `X-A`. */
const canonical = (name: string): string =>
  name.toLowerCase().replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());

/** Settings of an HTTP client for which nothing is configured. */
export const defaultHttpClient: HttpClientConfig = httpClientSection({ enableHttp2: true }).empty();
