import { readFile } from "node:fs/promises";
import { maskPassword } from "@narthex/http";
import { DiscoveryClient } from "../../discovery-client.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { IndexedResponse } from "./blocking-query.ts";
import type { ConsulDiscovery } from "./consul-section.ts";
import { errorText } from "@narthex/runtime";

/**
 * Maximum time in ms that Consul may delay the answer to a blocking query. Consul adds up to a sixteenth of this time.
 */
const WAIT_MS = 120_000;
const TIMEOUT_MS = WAIT_MS + 15_000;

/** Environment variables of Consul's own client. They replace settings that an entry of `consul_sd_configs` lacks. */
export type ConsulEnvironment = Readonly<
  Partial<
    Record<"CONSUL_HTTP_TOKEN" | "CONSUL_HTTP_TOKEN_FILE" | "CONSUL_NAMESPACE" | "CONSUL_PARTITION", string | undefined>
  >
>;

/** Query parameters of a request to Consul. A name may occur several times. */
export type Params = readonly (readonly [name: string, value: string])[];

export interface ConsulQuery {
  readonly params?: Params;
  readonly signal: AbortSignal;
}

export class ConsulApi {
  readonly #client: DiscoveryClient;
  /** URL of Consul's API up to `/v1`: scheme, host and path. */
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #params: Params;

  private constructor(client: DiscoveryClient, base: string, token: string, params: Params) {
    this.#client = client;
    this.#base = base;
    this.#headers = token === "" ? {} : { "x-consul-token": token };
    this.#params = params;
  }

  /**
   * Returns a client for Consul's API. Rejects if the server's address, the TLS files or the token file cannot be used.
   */
  static async open(config: ConsulDiscovery, context: DiscoveryContext, env: ConsulEnvironment): Promise<ConsulApi> {
    const { base, socketPath } = agentAddress(config);
    const { username, password, httpClient } = config;
    const credentials = { username, usernameFile: "", password, passwordFile: "" };
    const settings = username === "" && password === undefined ? httpClient : { ...httpClient, basicAuth: credentials };
    const client = await DiscoveryClient.open(settings, context, socketPath === undefined ? {} : { socketPath });
    const given = [
      ["dc", config.datacenter],
      ["ns", config.namespace || (env.CONSUL_NAMESPACE ?? "")],
      ["partition", config.partition || (env.CONSUL_PARTITION ?? "")],
    ] as const;
    const params = given.filter(([, value]) => value !== "");
    return new ConsulApi(client, base, await tokenFor(config, env), params);
  }

  /** Requests a path of Consul's API, and returns the JSON of the answer. Rejects for any status except 200. */
  async get<T>(path: string, { params = [], signal }: ConsulQuery): Promise<IndexedResponse<T>> {
    const query = new URLSearchParams(
      [...this.#params, ...params].map(([name, value]): [string, string] => [name, value]),
    );
    const url = `${this.#base}/v1/${path}${query.size === 0 ? "" : `?${query.toString()}`}`;
    const { status, text, headers } = await this.#client.request(url, {
      headers: this.#headers,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    if (status !== 200) throw new Error(`Unexpected response code: ${status} (${text.trim()})`);
    const index = String(headers["x-consul-index"] ?? "");
    try {
      return { value: JSON.parse(text) as T, index: /^\d+$/.test(index) ? BigInt(index) : undefined };
    } catch (cause) {
      const why = errorText(cause);
      throw new Error(`answer of ${maskPassword(url)} is not JSON: ${why}`, { cause });
    }
  }

  /**
   * Sends a blocking query: Consul answers when its state has an index other than `index`, but at the latest after
   * about two minutes.
   */
  blocking<T>(path: string, index: bigint, { params = [], signal }: ConsulQuery): Promise<IndexedResponse<T>> {
    const wait = [["wait", `${WAIT_MS}ms`] as const, ...(index === 0n ? [] : [["index", String(index)] as const])];
    return this.get(path, { params: [...params, ...wait], signal });
  }
}

/** Parses the address of a Consul agent: `host:port`, a URL, or `unix://` and the path of a socket. */
function agentAddress(config: ConsulDiscovery): { base: string; socketPath?: string } {
  const [, scheme, rest] = /^(.*?):\/\/(.*)$/s.exec(config.server) ?? [];
  const prefix = (path: string): string => (path === "" || path.startsWith("/") ? path : `/${path}`);
  const configured = config.scheme === "" ? "http" : config.scheme;
  if (scheme === undefined) return { base: `${configured}://${config.server}${prefix(config.pathPrefix)}` };
  if (scheme === "unix") return { base: `${configured}://localhost${prefix(config.pathPrefix)}`, socketPath: rest! };
  if (scheme !== "http" && scheme !== "https") throw new Error(`Unknown protocol scheme: ${scheme}`);
  const [host, ...path] = rest!.split("/");
  const own = path.length === 0 ? prefix(config.pathPrefix) : `/${path.join("/")}`;
  return { base: `${scheme === "https" ? "https" : configured}://${host}${own}` };
}

async function tokenFor(config: ConsulDiscovery, env: ConsulEnvironment): Promise<string> {
  const token = config.token?.reveal() ?? "";
  if (token !== "") return token;
  const { CONSUL_HTTP_TOKEN_FILE: file = "", CONSUL_HTTP_TOKEN: given = "" } = env;
  return file === "" ? given : (await readFile(file, "utf8")).trim() || given;
}
