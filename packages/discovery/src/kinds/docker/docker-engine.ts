import {
  defaultHttpClient,
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  integer,
  listOf,
  millis,
  type Position,
  redactUrl,
  type Report,
  section,
  text,
  urlText,
  urlProblem,
} from "@narthex/config";
import type { HttpClientOptions } from "@narthex/http";
import { compareBytewise, trimTrailing } from "@narthex/model";
import { type Clock, errorText, parseJsonInTurns } from "@narthex/runtime";
import { type DiscoveryResponse, DiscoveryClient } from "../../discovery-client.ts";
import type { DiscoveryContext } from "../../discoverer.ts";

/**
 * Newest Docker API version that this client uses. If an engine supports only older versions, the client uses the
 * engine's version.
 */
const NEWEST_VERSION = "1.51";
/** Docker API version that is assumed for an engine that reports none. */
const OLDEST_VERSION = "1.24";

/** A filter for lists of a Docker engine: the engine returns only entries that match one of `values`. */
interface EngineFilter {
  readonly name: string;
  readonly values: readonly string[];
}

export interface EngineConfig {
  readonly httpClient: HttpClientConfig;
  readonly host: string;
  readonly port: number;
  readonly filters: readonly EngineFilter[];
  readonly refreshIntervalMs: number;
}

const filter = section<EngineFilter>("moby.Filter", {
  name: field("name", text, "", true),
  values: field("values", listOf(text), [], true),
});

/** Codecs of the fields of EngineConfig, in the order in which Prometheus prints the fields. */
export const engineFields = {
  httpClient: inline(httpClientSection({ enableHttp2: true })),
  host: field("host", urlText, "", true),
  port: field("port", integer, 80, true),
  filters: field("filters", listOf(filter), [], true),
  refreshIntervalMs: field("refresh_interval", millis, 60_000, true),
};

/** Reports a Docker engine address that is not valid. Returns true if the address is valid. */
export function checkHost(host: string, at: Position, report: Report): boolean {
  const problem = host === "" ? "host missing" : urlProblem(host);
  if (problem === undefined) return true;
  report(
    at,
    "docker-host",
    problem,
    "write the engine's address: unix:///var/run/docker.sock, tcp://host:2375, https://…",
  );
  return false;
}

interface EngineAddress {
  readonly baseUrl: string;
  readonly socketPath?: string;
  /**
   * Whether requests use the credentials and TLS settings of the configuration. False for a unix socket and for plain
   * TCP.
   */
  readonly configured: boolean;
}

/** Parses the address of a Docker engine. Throws if the address is invalid. */
function addressOf(host: string): EngineAddress {
  const [, scheme = "", rest = ""] = /^([^:]*):\/\/(.+)$/.exec(host) ?? [];
  const place = trimTrailing(rest, "/");
  if (scheme === "unix" && rest !== "") return { baseUrl: "http://localhost", socketPath: rest, configured: false };
  if (scheme === "tcp" && place !== "") return { baseUrl: `http://${place}`, configured: false };
  if ((scheme === "http" || scheme === "https") && place !== "")
    return { baseUrl: `${scheme}://${place}`, configured: true };
  throw new Error(
    `unable to parse docker host \`${redactUrl(host)}\`: write unix:///path, tcp://host:port, http://… or https://…`,
  );
}

/** Sends requests to the API of a Docker engine. */
export class DockerEngine {
  readonly #client: DiscoveryClient;
  readonly #baseUrl: string;
  readonly #config: EngineConfig;
  readonly #clock: Clock;
  /**
   * The API version negotiated with the engine. The version is negotiated again after a failure, because the engine may
   * have been replaced.
   */
  #version: string | undefined;

  private constructor(client: DiscoveryClient, baseUrl: string, config: EngineConfig, clock: Clock) {
    this.#client = client;
    this.#baseUrl = baseUrl;
    this.#config = config;
    this.#clock = clock;
  }

  /**
   * Opens a client for the Docker engine. Rejects if the host is invalid or the configured TLS files cannot be read.
   */
  static async open(config: EngineConfig, context: DiscoveryContext): Promise<DockerEngine> {
    const { baseUrl, socketPath, configured } = addressOf(config.host);
    const options: HttpClientOptions = socketPath === undefined ? {} : { socketPath };
    const client = await DiscoveryClient.open(configured ? config.httpClient : defaultHttpClient, context, options);
    return new DockerEngine(client, baseUrl, config, context.clock);
  }

  /**
   * Returns all entries of a Docker list such as `networks`. With "filtered", applies the configured filters. Throws
   * `error while <doing>: …`.
   */
  async list<T>(path: string, doing: string, filtered: "filtered" | "all"): Promise<readonly T[]> {
    const query = filtered === "filtered" ? filterQuery(this.#config.filters) : "";
    try {
      this.#version ??= await this.#negotiate();
      return await listIn<T>(await this.#get(`/v${this.#version}/${path}${query}`), path, this.#clock);
    } catch (cause) {
      this.#version = undefined;
      throw new Error(`error while ${doing}: ${errorText(cause)}`, { cause });
    }
  }

  async #negotiate(): Promise<string> {
    const answer = await this.#get("/_ping");
    const offered = answer.headers["api-version"];
    return olderOf(NEWEST_VERSION, typeof offered === "string" && offered !== "" ? offered : OLDEST_VERSION);
  }

  #get(path: string): Promise<DiscoveryResponse> {
    return this.#client.request(this.#baseUrl + path, { timeoutMs: this.#config.refreshIntervalMs });
  }
}

function olderOf(a: string, b: string): string {
  const [majorA = 0, minorA = 0] = a.split(".").map(Number);
  const [majorB = 0, minorB = 0] = b.split(".").map(Number);
  return majorA < majorB || (majorA === majorB && minorA < minorB) ? a : b;
}

/** Returns Docker filters as a query string such as `?filters={"label":{"a":true}}`. */
function filterQuery(filters: readonly EngineFilter[]): string {
  const byName = new Map<string, Set<string>>();
  for (const { name, values } of filters) {
    if (values.length > 0) byName.set(name, new Set([...(byName.get(name) ?? []), ...values]));
  }
  if (byName.size === 0) return "";
  const sorted = <V>(entries: Iterable<readonly [string, V]>): Record<string, V> =>
    Object.fromEntries([...entries].sort(([x], [y]) => compareBytewise(x, y)));
  const json = sorted([...byName].map(([name, values]) => [name, sorted([...values].map((value) => [value, true]))]));
  return `?filters=${encodeURIComponent(JSON.stringify(json))}`;
}

async function listIn<T>(answer: DiscoveryResponse, path: string, clock: Clock): Promise<readonly T[]> {
  if (answer.status !== 200) throw new Error(`Error response from daemon: ${complaintIn(answer)}`);
  let found: unknown;
  try {
    found = await parseJsonInTurns(clock, answer.text);
  } catch (cause) {
    throw new Error(`answer to ${path} is not JSON: ${errorText(cause)}`, {
      cause,
    });
  }
  if (found === null) return [];
  if (!Array.isArray(found)) throw new Error(`answer to ${path} is not a list`);
  return found as readonly T[];
}

/** Returns the error message in a Docker engine's answer, or the HTTP status if the answer contains no message. */
function complaintIn({ status, text: body }: DiscoveryResponse): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === "string" && message !== "") return message;
  } catch {
    // Ignores the parser's error, because the body may be empty, or an error page of a proxy.
  }
  return `status ${status}`;
}
