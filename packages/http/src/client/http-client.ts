import { readFile } from "node:fs/promises";
import type { HttpClientConfig } from "@narthex/config";
import { Agent, type Dispatcher, EnvHttpProxyAgent, interceptors, ProxyAgent } from "undici";
import { connectOptions } from "./connect-options.ts";
import { bypassesProxy } from "./no-proxy.ts";
import { OAuth2Tokens } from "./oauth2.ts";

/** One outgoing HTTP client, made from the HTTP client fields of a config section. Secrets in files are read per request. */
export interface HttpClient {
  /** Sends one request; redirects as configured. Throws what undici throws (`describeFailure` turns it into Go's words). */
  request(url: string, options?: HttpRequest): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

export interface HttpClientOptions {
  /** Bounds the connections kept per origin. */
  readonly connections?: number;
  /** Path of a unix socket that takes the place of every host. */
  readonly socketPath?: string;
}

const MAX_REDIRECTS = 10;

/** Connections are kept per origin and client. Rejects where TLS files cannot be read. */
export async function createHttpClient(config: HttpClientConfig, options: HttpClientOptions = {}): Promise<HttpClient> {
  const connect = await connectOptions(config.tls, config.enableHttp2);
  if (options.socketPath !== undefined) connect["socketPath"] = options.socketPath;
  const shared = {
    connect,
    allowH2: config.enableHttp2,
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(options.connections === undefined ? {} : { connections: options.connections }),
  };
  const direct = new Agent(shared);
  const proxied = proxyAgent(config, shared);
  const compose = (agent: Dispatcher): Dispatcher =>
    config.followRedirects ? agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTS })) : agent;
  const viaDirect = compose(direct);
  const viaProxy = proxied === undefined ? undefined : compose(proxied);
  const tokens = config.oauth2 === undefined ? undefined : new OAuth2Tokens(config.oauth2, createHttpClient);
  return {
    async request(url, { method = "GET", headers = {}, body, signal } = {}) {
      const target = new URL(url);
      const through = viaProxy !== undefined && !bypassesProxy(config.noProxy, target) ? viaProxy : viaDirect;
      const sent: Record<string, string> = {
        ...headers,
        ...(await authorization(config, tokens)),
        ...(await extraHeaders(config)),
      };
      return through.request({
        origin: target.origin,
        path: target.pathname + target.search,
        method,
        headers: sent,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    async close() {
      await Promise.all([direct.destroy(), proxied?.destroy()]);
    },
  };
}

function proxyAgent(config: HttpClientConfig, shared: Agent.Options): Dispatcher | undefined {
  if (config.proxyFromEnvironment) return new EnvHttpProxyAgent(shared);
  if (config.proxyUrl === "") return undefined;
  const proxy = new URL(config.proxyUrl);
  const token =
    proxy.username === ""
      ? undefined
      : `Basic ${basic(decodeURIComponent(proxy.username), decodeURIComponent(proxy.password))}`;
  const headers: Record<string, string> = {};
  for (const [name, values] of config.proxyConnectHeader)
    headers[name] = values.map((value) => value.reveal()).join(", ");
  return new ProxyAgent({
    uri: proxy.origin,
    headers,
    ...(token === undefined ? {} : { token }),
    requestTls: shared.connect as object,
    proxyTunnel: false,
  });
}

const basic = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString("base64");

const fromFile = async (path: string): Promise<string> => (await readFile(path, "utf8")).trim();

/** The Authorization header the section asks for, if any. */
async function authorization(
  config: HttpClientConfig,
  tokens: OAuth2Tokens | undefined,
): Promise<Record<string, string>> {
  if (config.basicAuth !== undefined) {
    const { username, usernameFile, password, passwordFile } = config.basicAuth;
    const user = usernameFile === "" ? username : await fromFile(usernameFile);
    const word = passwordFile === "" ? (password?.reveal() ?? "") : await fromFile(passwordFile);
    return { authorization: `Basic ${basic(user, word)}` };
  }
  if (config.authorization !== undefined) {
    const { type, credentials, credentialsFile } = config.authorization;
    const word = credentialsFile === "" ? (credentials?.reveal() ?? "") : await fromFile(credentialsFile);
    return { authorization: `${type} ${word}` };
  }
  return tokens === undefined ? {} : { authorization: await tokens.header() };
}

async function extraHeaders(config: HttpClientConfig): Promise<Record<string, string>> {
  const out: Record<string, string> = {};
  for (const [name, { values, secrets, files }] of config.httpHeaders) {
    const read = await Promise.all(files.map(fromFile));
    out[name] = [...values, ...secrets.map((secret) => secret.reveal()), ...read].join(", ");
  }
  return out;
}
