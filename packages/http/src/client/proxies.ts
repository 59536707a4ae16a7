import { BlockList, isIP } from "node:net";
import type { HttpClientConfig } from "@narthex/config";
import { bareHost, isLoopback } from "../loopback.ts";
import { splitUserInfo } from "./user-info.ts";

/** An HTTP proxy. */
export interface Proxy {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Value of Proxy-Authorization; "" if the proxy's URL has no user. */
  readonly authorization: string;
}

type ProxySettings = Pick<HttpClientConfig, "proxyUrl" | "noProxy" | "proxyFromEnvironment">;

/** Chooses the proxy for each URL that a client requests. */
export class Proxies {
  readonly #plain: string;
  readonly #secure: string;
  readonly #except: string;
  readonly #sparesLoopback: boolean;
  readonly #known = new Map<string, Proxy>();

  constructor({ proxyUrl, noProxy, proxyFromEnvironment }: ProxySettings, env = process.env) {
    const variable = (name: string): string => env[name.toUpperCase()] ?? env[name] ?? "";
    this.#plain = proxyFromEnvironment ? withScheme(variable("http_proxy")) : proxyUrl;
    this.#secure = proxyFromEnvironment ? withScheme(variable("https_proxy")) : proxyUrl;
    this.#except = proxyFromEnvironment ? variable("no_proxy") : noProxy;
    // Whether connections to this machine bypass the proxy. As in Prometheus, they do so only if the proxy comes from
    // the environment or no_proxy is set.
    this.#sparesLoopback = proxyFromEnvironment || noProxy !== "";
  }

  /** Whether all configured proxies use HTTP. Other proxies need undici. */
  get speakHttp(): boolean {
    return [this.#plain, this.#secure].every((url) => url === "" || /^https?:/i.test(url));
  }

  /** Returns the URL of the proxy for a target URL; undefined if the request needs no proxy. */
  urlFor(target: URL): string | undefined {
    const url = target.protocol === "https:" ? this.#secure : this.#plain;
    if (url === "" || (this.#sparesLoopback && isLoopback(target.hostname))) return undefined;
    return bypassesProxy(this.#except, target) ? undefined : url;
  }

  /** Returns the proxy for a target URL; undefined if the request needs no proxy. */
  of(target: URL): Proxy | undefined {
    const url = this.urlFor(target);
    if (url === undefined) return undefined;
    let proxy = this.#known.get(url);
    if (proxy === undefined) this.#known.set(url, (proxy = parseProxy(url)));
    return proxy;
  }
}

const withScheme = (url: string): string => (url === "" || url.includes("://") ? url : `http://${url}`);

function parseProxy(text: string): Proxy {
  const url = new URL(text);
  const secure = url.protocol === "https:";
  return {
    secure,
    host: bareHost(url.hostname),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    authorization: splitUserInfo(text).authorization,
  };
}

/**
 * Returns whether a host is reached without a proxy. `list` is comma-separated and contains `*`, host names, IP
 * addresses and CIDRs, each with an optional port. A host name also matches its subdomains. An entry with a leading dot
 * or `*.` matches only subdomains.
 */
export function bypassesProxy(list: string, target: URL): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = target.port === "" ? (target.protocol === "https:" ? "443" : "80") : target.port;
  return list
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  const [network, prefix] = entry.split("/");
  if (prefix !== undefined && isIP(network!) !== 0) return inNetwork(network!, Number(prefix), host);
  const withPort = /^(.*):(\d+)$/.exec(entry);
  const name = withPort !== null && isIP(entry) === 0 ? withPort[1]! : entry;
  if (withPort !== null && isIP(entry) === 0 && withPort[2] !== port) return false;
  if (isIP(name) !== 0) return name === host;
  if (name.startsWith(".") || name.startsWith("*.")) return host.endsWith(name.replace(/^\*/, ""));
  return host === name || host.endsWith(`.${name}`);
}

function inNetwork(network: string, prefix: number, host: string): boolean {
  const family = isIP(host);
  if (family === 0 || family !== isIP(network)) return false;
  const list = new BlockList();
  const kind = family === 6 ? "ipv6" : "ipv4";
  list.addSubnet(network, prefix, kind);
  return list.check(host, kind);
}
