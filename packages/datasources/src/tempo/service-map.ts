import { type Frame, type JsonObject, type Labels, valueAt } from "@narthex/dashboards";
import type { DataQuery, DataSource, RequestContext } from "../data-source.ts";
import { QueryFailure } from "../query-failure.ts";
import { type GraphEdge, type GraphNode, graphFrames } from "../traces/graph-frames.ts";
import type { ValueBudget } from "../value-budget.ts";
import type { TempoTarget } from "./target.ts";

/** The metrics of Tempo's metrics-generator: requests, failed requests, and seconds of all requests. */
const METRICS = {
  total: "traces_service_graph_request_total",
  failed: "traces_service_graph_request_failed_total",
  seconds: "traces_service_graph_request_server_seconds_sum",
} as const;
type Stat = keyof typeof METRICS;
const STATS = Object.keys(METRICS) as readonly Stat[];

const SELECTOR = /^\{[^]*\}$/;
/** Largest number of selectors of a service map. */
const MAX_SELECTORS = 20;
const NAMESPACES = ", client_service_namespace, server_service_namespace";
const RATES = { displayName: "Requests per second", unit: "reqps" };
const TIMES = { displayName: "Average response time", unit: "ms/r" };

type Counts = { -readonly [stat in Stat]?: number };
interface Service extends Counts {
  readonly name: string;
  readonly namespace: string;
}
interface Connection extends Counts {
  readonly client: string;
  readonly server: string;
}

/** Returns the queries to Prometheus whose answers are the connections between services. */
function queriesOf({ serviceMapSelectors, includesNamespace }: TempoTarget, query: DataQuery): readonly DataQuery[] {
  const selectors = serviceMapSelectors.map((one) => one.trim()).filter((one) => one !== "");
  for (const selector of selectors)
    if (!SELECTOR.test(selector))
      throw new QueryFailure(400, `"${selector.slice(0, 200)}" is not a selector of series; write {client="app"}`);
  const { from, to } = query.range;
  const range = `[${Math.max(1, Math.round((to - from) / 1000))}s]`;
  const used = selectors.length === 0 ? [""] : selectors.slice(0, MAX_SELECTORS);
  return STATS.map((stat): DataQuery => {
    const by = `sum by (client, server${includesNamespace ? NAMESPACES : ""})`;
    const expr = used.map((selector) => `${by} (rate(${METRICS[stat]}${selector}${range}))`).join(" or ");
    const source: JsonObject = { expr, instant: true, range: false, format: "time_series" };
    return { ...query, refId: stat, source };
  });
}

interface MapSettings {
  readonly prometheus: DataSource | undefined;
  /** Uid of the Prometheus data source in the settings of the Tempo data source. */
  readonly uid: string;
  readonly target: TempoTarget;
  readonly cells: ValueBudget;
  readonly context: RequestContext;
}

/**
 * Returns the node graph of all services, with their requests per second and average response times. The metrics come
 * from the Prometheus data source that the settings name. Throws QueryFailure if it cannot be queried.
 */
export async function serviceMap(
  query: DataQuery,
  { prometheus, uid, target, cells, context }: MapSettings,
  signal: AbortSignal,
): Promise<readonly Frame[]> {
  if (uid === "")
    throw new QueryFailure(400, "the data source has no Prometheus data source for its service graph; choose one");
  if (prometheus === undefined)
    throw new QueryFailure(404, `data source "${uid}", which has the metrics of the service graph, was not found`);
  const answers = await prometheus.query(queriesOf(target, query), signal, context);
  const services = new Map<string, Service>();
  const connections = new Map<string, Connection>();
  for (const stat of STATS) {
    const answer = answers.get(stat);
    if (answer?.error !== undefined)
      throw new QueryFailure(answer.status, `the service graph's metrics cannot be read: ${answer.error}`);
    for (const { labels, value } of (answer?.frames ?? []).flatMap(lastValues)) {
      cells.take(10);
      addRequest({ stat, labels, value }, services, connections);
    }
  }
  return mapFrames(services, connections, query.refId);
}

/** Returns the labels and the last value of each series. */
function lastValues(frame: Frame): readonly { readonly labels: Labels; readonly value: number }[] {
  return frame.fields.flatMap((field) => {
    if (field.type !== "number" || frame.length === 0) return [];
    const value = valueAt(field, frame.length - 1);
    return typeof value === "number" ? [{ labels: field.labels ?? {}, value }] : [];
  });
}

/** Adds a value to a connection and to its server. A service shows the requests that it answers. */
function addRequest(
  { stat, labels, value }: { readonly stat: Stat; readonly labels: Labels; readonly value: number },
  services: Map<string, Service>,
  connections: Map<string, Connection>,
): void {
  const client = serviceIn(services, labels, "client");
  const server = serviceIn(services, labels, "server");
  const id = `${client.id}_${server.id}`;
  let connection = connections.get(id);
  if (connection === undefined) connections.set(id, (connection = { client: client.id, server: server.id }));
  connection[stat] = (connection[stat] ?? 0) + value;
  server.service[stat] = (server.service[stat] ?? 0) + value;
}

function serviceIn(services: Map<string, Service>, labels: Labels, side: "client" | "server") {
  const name = labelOf(labels, side);
  const namespace = labelOf(labels, `${side}_service_namespace`);
  const id = namespace === "" ? name : `${namespace}/${name}`;
  let service = services.get(id);
  if (service === undefined) services.set(id, (service = { name, namespace }));
  return { id, service };
}

const labelOf = (labels: Labels, name: string): string => (Object.hasOwn(labels, name) ? labels[name]! : "");

function mapFrames(
  services: ReadonlyMap<string, Service>,
  connections: ReadonlyMap<string, Connection>,
  refId: string,
): readonly Frame[] {
  const hasNamespaces = [...services.values()].some(({ namespace }) => namespace !== "");
  const nodes = Array.from(services, ([id, service]): GraphNode => {
    const failed = shareOfFailed(service);
    return {
      id,
      title: service.name,
      ...(hasNamespaces && { subtitle: service.namespace }),
      ...statsOf(service),
      arc__success: 1 - failed,
      arc__failed: failed,
    };
  });
  const edges = Array.from(connections, ([id, connection]): GraphEdge => {
    const { client, server } = connection;
    return { id, source: client, target: server, ...statsOf(connection) };
  });
  return graphFrames(nodes, edges, refId, {
    nodes: {
      title: { displayName: "Service name" },
      subtitle: { displayName: "Service namespace" },
      mainstat: TIMES,
      secondarystat: RATES,
      arc__success: { displayName: "Success", color: { mode: "fixed", fixedColor: "green" } },
      arc__failed: { displayName: "Failed", color: { mode: "fixed", fixedColor: "red" } },
    },
    edges: { mainstat: TIMES, secondarystat: RATES },
  });
}

/** Returns the average response time in ms, and the requests per second. NaN for a service that answers no requests. */
function statsOf({ total = 0, seconds = 0 }: Counts): { readonly mainstat: number; readonly secondarystat: number } {
  if (total <= 0) return { mainstat: NaN, secondarystat: NaN };
  return { mainstat: (seconds / total) * 1000, secondarystat: Math.round(total * 100) / 100 };
}

const shareOfFailed = ({ total = 0, failed = 0 }: Counts): number => (total > 0 ? Math.min(failed, total) / total : 0);
