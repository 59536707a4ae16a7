import type { Secret } from "../decode/secret.ts";

/**
 * User and password for HTTP basic authentication. A value in a file (fields `…File`) is read again for each request.
 * "" means not set.
 */
export interface BasicAuthConfig {
  readonly username: string;
  readonly usernameFile: string;
  readonly password: Secret | undefined;
  readonly passwordFile: string;
}

/** An `Authorization` header: `<type> <credentials>`. */
export interface AuthorizationConfig {
  /** Authentication scheme of the header, `Bearer` by default. */
  readonly type: string;
  readonly credentials: Secret | undefined;
  readonly credentialsFile: string;
}

/** TLS versions in the spelling of configuration files. */
export type TlsVersion = "TLS10" | "TLS11" | "TLS12" | "TLS13";

/** TLS settings of an HTTP client. Certificates and keys are either PEM text or paths of files; "" means not set. */
export interface TlsConfig {
  readonly ca: string;
  readonly caFile: string;
  readonly cert: string;
  readonly certFile: string;
  readonly key: Secret | undefined;
  readonly keyFile: string;
  readonly serverName: string;
  readonly insecureSkipVerify: boolean;
  readonly minVersion: TlsVersion | undefined;
  readonly maxVersion: TlsVersion | undefined;
}

export interface ProxyConfig {
  /** Absolute URL of the proxy, which may contain user and password. "" means no proxy. */
  readonly proxyUrl: string;
  /** Comma-separated hosts, domains and CIDRs that are reached without the proxy. */
  readonly noProxy: string;
  /** True to take the proxy from the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly proxyFromEnvironment: boolean;
  readonly proxyConnectHeader: ReadonlyMap<string, readonly Secret[]>;
}

/** Settings for requesting OAuth 2.0 tokens, with client credentials or a signed assertion. */
export interface OAuth2Config extends ProxyConfig {
  readonly clientId: string;
  readonly clientSecret: Secret | undefined;
  readonly clientSecretFile: string;
  readonly clientCertificateKey: Secret | undefined;
  readonly clientCertificateKeyFile: string;
  readonly clientCertificateKeyId: string;
  /** OAuth grant type. "" means client_credentials. */
  readonly grantType: string;
  readonly signatureAlgorithm: string;
  readonly iss: string;
  readonly audience: string;
  /** Claims of the signed assertion as written in the file; undefined means no claims. */
  readonly claims: unknown;
  readonly scopes: readonly string[];
  readonly tokenUrl: string;
  readonly endpointParams: ReadonlyMap<string, string>;
  readonly tls: TlsConfig;
}

/**
 * Values of one additional request header: plain values, secrets, and contents of files. The request contains all
 * values in this order.
 */
export interface HttpHeaderConfig {
  readonly values: readonly string[];
  readonly secrets: readonly Secret[];
  readonly files: readonly string[];
}

/**
 * Settings of an outgoing HTTP client. In the file, the keys are part of sections for scrapes, Alertmanagers, remote
 * endpoints and HTTP-based discovery.
 */
export interface HttpClientConfig extends ProxyConfig {
  readonly basicAuth: BasicAuthConfig | undefined;
  /** The `Authorization` header. `bearer_token` and `bearer_token_file` are converted to this field. */
  readonly authorization: AuthorizationConfig | undefined;
  readonly oauth2: OAuth2Config | undefined;
  readonly tls: TlsConfig;
  readonly followRedirects: boolean;
  readonly enableHttp2: boolean;
  readonly httpHeaders: ReadonlyMap<string, HttpHeaderConfig>;
}
