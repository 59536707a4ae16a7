import { Labels } from "@narthex/model";
import { errorText, logOnChange } from "@narthex/runtime";
import { sleepUnlessStopped } from "../../polled-discoverer.ts";
import type { Emit, Discoverer, DiscoveryContext } from "../../discoverer.ts";
import { defineWatched } from "../../discoverer.ts";
import { repeatBlockingQuery, type IndexedResponse, RETRY_MS } from "./blocking-query.ts";
import { ConsulApi, type ConsulEnvironment, type Params } from "./consul-api.ts";
import { type ConsulDiscovery, consulSection } from "./consul-section.ts";
import { serviceGroup, type ServiceEntry } from "./service-group.ts";
import { consulMetrics } from "./consul-metrics.ts";

/** Creates the discoverer for Consul's catalog. `env` contains environment variables such as CONSUL_HTTP_TOKEN. */
export const createConsulDiscoverer = (env: ConsulEnvironment): Discoverer =>
  defineWatched<ConsulDiscovery>({
    key: "consul_sd_configs",
    name: "consul",
    metrics: consulMetrics,
    codec: consulSection,
    async watch(config, context, emit) {
      const api = await ConsulApi.open(config, context, env);
      const datacenter = config.datacenter || (await agentDatacenter(api, context));
      if (datacenter === undefined) return;
      const watch = new ConsulWatch({ config, context, emit, api, datacenter });
      if (config.services.length === 0 || config.tags.length > 0 || config.filter !== "") await watch.catalog();
      else await Promise.all([...new Set(config.services)].map((name) => watch.service(name, context.signal)));
    },
  });

/** Finds services and their health in a Consul catalog. Uses blocking queries. */
export const consulDiscoverer = createConsulDiscoverer(process.env);

/**
 * Returns the datacenter of the Consul agent. Retries until the agent answers. Returns undefined if discovery is
 * stopped.
 */
async function agentDatacenter(api: ConsulApi, context: DiscoveryContext): Promise<string | undefined> {
  const { signal } = context;
  const metrics = consulMetrics.of(context.metrics);
  const log = logOnChange(context.logger, "Asking Consul for its datacenter");
  while (!signal.aborted) {
    try {
      const { value } = await api.get<{ Config?: { Datacenter?: unknown } } | null>("agent/self", { signal });
      const name = value?.Config?.Datacenter;
      if (typeof name === "string") {
        log.succeeded();
        return name;
      }
      log.failed(`invalid value '${String(name)}' for Config.Datacenter`);
    } catch (error) {
      if (signal.aborted) break;
      metrics.rpcFailures.inc();
      log.failed(errorText(error));
    }
    await sleepUnlessStopped(context, RETRY_MS);
  }
  return undefined;
}

/** Tags by service. */
type Services = Readonly<Record<string, readonly string[] | null>>;

function mapOfServices(answer: Services | null): Services {
  if (typeof answer === "object" && !Array.isArray(answer)) return answer ?? {};
  throw new Error("the answer of Consul is not a map of services");
}

interface ConsulWatchOptions {
  readonly config: ConsulDiscovery;
  readonly context: DiscoveryContext;
  readonly emit: Emit;
  readonly api: ConsulApi;
  readonly datacenter: string;
}

/** Watches the services in Consul's catalog that the configuration selects. */
class ConsulWatch {
  readonly #options: ConsulWatchOptions;
  readonly #params: Params;
  /** For each watched service, the controller that ends the watch. */
  readonly #services = new Map<string, AbortController>();

  constructor(options: ConsulWatchOptions) {
    this.#options = options;
    const { allowStale, nodeMeta } = options.config;
    this.#params = [
      ...(allowStale ? [["stale", ""] as const] : []),
      ...[...nodeMeta].map(([key, value]) => ["node-meta", `${key}:${value}`] as const),
    ];
  }

  /**
   * Watches the list of services in Consul's catalog. Starts a watch for each new selected service, and ends the
   * watches of removed services.
   */
  catalog(): Promise<void> {
    const { context, api, config } = this.#options;
    const { signal } = context;
    const params = [...this.#params, ...(config.filter === "" ? [] : [["filter", config.filter] as const])];
    return repeatBlockingQuery<Services | null>({
      context,
      signal,
      intervalMs: config.refreshIntervalMs,
      log: logOnChange(context.logger, "Refreshing Consul's service list"),
      request: (index) =>
        this.#timed("services", signal, () => api.blocking("catalog/services", index, { params, signal })),
      take: (services) => this.#followServices(mapOfServices(services)),
    });
  }

  /** Watches the instances of one Consul service until the signal aborts. */
  service(name: string, signal: AbortSignal): Promise<void> {
    const { context, api, config, emit, datacenter } = this.#options;
    const { tagSeparator, healthFilter } = config;
    const params = [
      ...this.#params,
      ...config.tags.map((tag) => ["tag", tag] as const),
      ...(healthFilter === "" ? [] : [["filter", healthFilter] as const]),
    ];
    const path = `health/service/${encodeURIComponent(name)}`;
    return repeatBlockingQuery<readonly (ServiceEntry | null)[] | null>({
      context,
      signal,
      intervalMs: config.refreshIntervalMs,
      log: logOnChange(context.logger, `Refreshing Consul's service ${name}`),
      request: (index) => this.#timed("service", signal, () => api.blocking(path, index, { params, signal })),
      take: (entries) => emit([serviceGroup(name, entries, { datacenter, tagSeparator })]),
    });
  }

  #followServices(found: Services): void {
    const { config, context, emit } = this.#options;
    for (const [name, tags] of Object.entries(found)) {
      const wanted = config.services.length === 0 || config.services.includes(name);
      if (!wanted || this.#services.has(name) || !config.tags.every((tag) => tags?.includes(tag) === true)) continue;
      const stopping = new AbortController();
      this.#services.set(name, stopping);
      void this.service(name, AbortSignal.any([stopping.signal, context.signal]));
    }
    const gone = [...this.#services.keys()].filter((name) => !Object.hasOwn(found, name));
    for (const name of gone) {
      this.#services.get(name)!.abort(new Error("service is gone"));
      this.#services.delete(name);
    }
    const cleared = gone.map((source) => ({ source, targets: [], labels: Labels.EMPTY }));
    if (cleared.length > 0 || this.#services.size === 0) emit(cleared);
  }

  async #timed<T>(
    call: "service" | "services",
    signal: AbortSignal,
    request: () => Promise<IndexedResponse<T>>,
  ): Promise<IndexedResponse<T>> {
    const { clock } = this.#options.context;
    const metrics = consulMetrics.of(this.#options.context.metrics);
    const begun = clock.monotonic();
    try {
      return await request();
    } catch (error) {
      if (!signal.aborted) metrics.rpcFailures.inc();
      throw error;
    } finally {
      metrics.rpcDuration.observe({ endpoint: "catalog", call }, (clock.monotonic() - begun) / 1000);
    }
  }
}
