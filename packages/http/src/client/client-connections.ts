import type { HttpClientConfig } from "@narthex/config";
import type { Clock } from "@narthex/runtime";
import { ConnectionPool } from "./connection-pool.ts";
import { FullRequests } from "./full-requests.ts";
import type { HttpClientOptions } from "./http-client.ts";
import type { Proxies } from "./proxies.ts";
import { type ConnectOptions, watchedConnectOptions } from "./tls-options.ts";

interface ConnectionsOptions extends HttpClientOptions {
  readonly clock: Clock;
  readonly proxies: Proxies;
  /** Header lines of CONNECT requests to proxies. */
  readonly connectFields: string;
}

interface Connections {
  readonly connect: ConnectOptions;
  readonly full: FullRequests;
  readonly pool: ConnectionPool;
}

/**
 * The connections of an HTTP client. When TLS files have changed, the next request opens a connection with the new
 * files.
 */
export class ClientConnections {
  readonly #config: HttpClientConfig;
  readonly #options: ConnectionsOptions;
  readonly #connect: () => ConnectOptions;
  #current: Connections;
  /** Connections with older TLS options, which running requests still use. */
  readonly #retired = new Set<Connections>();

  /** Throws an error if TLS files cannot be used. */
  constructor(config: HttpClientConfig, options: ConnectionsOptions) {
    const { clock, lookup, logger } = options;
    this.#config = config;
    this.#options = options;
    const more = { allowH2: config.enableHttp2, timeout: 0, ...(lookup === undefined ? {} : { lookup }) };
    this.#connect = watchedConnectOptions(config.tls, more, clock, logger);
    this.#current = this.#make(this.#connect());
  }

  get full(): FullRequests {
    return this.#renewed().full;
  }

  get pool(): ConnectionPool {
    return this.#renewed().pool;
  }

  async close(): Promise<void> {
    const all = [this.#current, ...this.#retired];
    this.#retired.clear();
    await Promise.all(all.map(closed));
  }

  #renewed(): Connections {
    const connect = this.#connect();
    if (connect === this.#current.connect) return this.#current;
    const before = this.#current;
    this.#current = this.#make(connect);
    this.#retired.add(before);
    const forget = (): boolean => this.#retired.delete(before);
    Promise.all([before.pool.retire(), before.full.retire()]).then(forget, forget);
    return this.#current;
  }

  #make(connect: ConnectOptions): Connections {
    const { socketPath = "", connections, clock, proxies, connectFields, dials } = this.#options;
    const dialing = { clock, connect, proxies, connectFields, dials };
    return {
      connect,
      full: new FullRequests(this.#config, { ...dialing, everySocket: socketPath, connections }),
      pool: new ConnectionPool({ ...dialing, socketPath }),
    };
  }
}

async function closed({ full, pool }: Connections): Promise<void> {
  pool.close();
  await full.close();
}
