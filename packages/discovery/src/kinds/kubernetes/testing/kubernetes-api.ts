import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createSecureServer, type Http2SecureServer } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { matchesSelectors } from "./selector-match.ts";

/** A Kubernetes object as JSON. The simulated API sets its `resourceVersion`. */
export interface ApiObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** A received request. */
export interface SeenRequest {
  /** Plural name of the objects, such as `pods` and `nodes`. */
  readonly resource: string;
  /** Namespace of the request, or "" for all. */
  readonly namespace: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly isWatch: boolean;
  /** HTTP version of the request: `1.1`, `2.0`. */
  readonly httpVersion: string;
}

/** An answer that a test sends instead of the normal answer. */
interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfter?: number;
  /** Whether the connection is closed without an answer. */
  readonly cut?: boolean;
}

export interface KubernetesApiOptions {
  /** If set, the server uses HTTPS and supports HTTP/2. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** If set, watch streams are written in pieces of this number of bytes. */
  readonly pieceBytes?: number;
  /**
   * Form of the answer to a request with an expired resource version: an HTTP status, or an ERROR event. Real servers
   * use both forms.
   */
  readonly expiry?: "status" | "event";
  /** Called for every request. Returns a refusal, or undefined to answer the request. */
  readonly gate?: (request: SeenRequest) => Refusal | undefined;
}

interface Change {
  readonly version: number;
  readonly resource: string;
  readonly before: ApiObject | undefined;
  readonly after: ApiObject | undefined;
}

interface Watch {
  readonly seen: SeenRequest;
  readonly response: ServerResponse;
}

/** `kind` and `apiVersion` of each resource, from the API reference. */
const KINDS: Readonly<Record<string, readonly [kind: string, apiVersion: string]>> = {
  nodes: ["Node", "v1"],
  pods: ["Pod", "v1"],
  services: ["Service", "v1"],
  endpoints: ["Endpoints", "v1"],
  namespaces: ["Namespace", "v1"],
  endpointslices: ["EndpointSlice", "discovery.k8s.io/v1"],
  ingresses: ["Ingress", "networking.k8s.io/v1"],
  replicasets: ["ReplicaSet", "apps/v1"],
  jobs: ["Job", "batch/v1"],
  secrets: ["Secret", "v1"],
  configmaps: ["ConfigMap", "v1"],
  servicemonitors: ["ServiceMonitor", "monitoring.coreos.com/v1"],
  podmonitors: ["PodMonitor", "monitoring.coreos.com/v1"],
  probes: ["Probe", "monitoring.coreos.com/v1"],
  prometheusrules: ["PrometheusRule", "monitoring.coreos.com/v1"],
  alertmanagerconfigs: ["AlertmanagerConfig", "monitoring.coreos.com/v1alpha1"],
};

const PATH = /^(?:\/api\/v1|\/apis\/[^/]+\/v1(?:alpha1|beta1)?)(?:\/namespaces\/([^/]+))?\/([a-z]+)$/;

/**
 * A simulated Kubernetes API over HTTP with the features of lists and watches: pages, versions, bookmarks, expired
 * history, refusals. https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
export class KubernetesApi implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  readonly #options: KubernetesApiOptions;
  readonly #server: Server | Http2SecureServer;
  readonly #sockets = new Set<Socket>();
  readonly #objects = new Map<string, Map<string, ApiObject>>();
  readonly #watches = new Set<Watch>();
  readonly #waiting = new Set<() => void>();
  #history: Change[] = [];
  #version = 1000;
  #oldest = 1000;

  private constructor(options: KubernetesApiOptions) {
    this.#options = options;
    const answer: RequestListener = (request, response) => this.#answer(request, response);
    this.#server =
      options.tls === undefined
        ? createServer(answer)
        : createSecureServer({ ...options.tls, allowHTTP1: true }, answer as never);
    this.#server.on(options.tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(options: KubernetesApiOptions = {}): Promise<KubernetesApi> {
    const api = new KubernetesApi(options);
    await new Promise<void>((resolve) => api.#server.listen(0, "127.0.0.1", resolve));
    return api;
  }

  get url(): string {
    const scheme = this.#options.tls === undefined ? "http" : "https";
    return `${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests of the currently open watches. */
  get watches(): readonly SeenRequest[] {
    return [...this.#watches].map(({ seen }) => seen);
  }

  /** Creates or replaces an object. */
  put(resource: string, object: ApiObject): void {
    const version = ++this.#version;
    const after = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const all = this.#all(resource);
    const before = all.get(keyOf(object));
    all.set(keyOf(object), after);
    this.#change({ version, resource, before, after });
  }

  remove(resource: string, name: string, namespace = ""): void {
    const all = this.#all(resource);
    const key = `${namespace}/${name}`;
    const before = all.get(key);
    if (before === undefined) return;
    all.delete(key);
    this.#change({ version: ++this.#version, resource, before, after: undefined });
  }

  /** Returns the current state of an object. */
  get(resource: string, name: string, namespace = ""): ApiObject | undefined {
    return this.#all(resource).get(`${namespace}/${name}`);
  }

  /** Removes the history of changes, so that older resource versions are expired. */
  forget(): void {
    this.#history = [];
    this.#oldest = ++this.#version;
  }

  /** Sends a bookmark to every watch that requested bookmarks. */
  bookmark(): void {
    for (const watch of this.#watches) {
      if (watch.seen.query["allowWatchBookmarks"] !== "true") continue;
      const [kind, apiVersion] = KINDS[watch.seen.resource]!;
      const object = {
        kind,
        apiVersion,
        metadata: { resourceVersion: String(this.#version), creationTimestamp: null },
      };
      this.#write(watch, { type: "BOOKMARK", object });
    }
  }

  /** Sends an event unchanged to every watch. */
  event(event: unknown): void {
    for (const watch of this.#watches) this.#write(watch, event);
  }

  /** Ends all watches, as a server does after timeoutSeconds. */
  endWatches(): void {
    for (const { response } of this.#watches) response.end();
    this.#watches.clear();
  }

  /** Closes every connection. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#watches.clear();
  }

  /** Waits until a request makes the condition true. */
  async until(happened: () => boolean): Promise<void> {
    while (!happened()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disconnect();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #all(resource: string): Map<string, ApiObject> {
    let all = this.#objects.get(resource);
    if (all === undefined) this.#objects.set(resource, (all = new Map()));
    return all;
  }

  #change(change: Change): void {
    this.#history.push(change);
    for (const watch of this.#watches) this.#send(watch, change);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://api");
    const [, namespace = "", resource = ""] = PATH.exec(url.pathname) ?? [];
    const query = Object.fromEntries(url.searchParams);
    const isWatch = query["watch"] === "true" || query["watch"] === "1";
    const { headers, httpVersion } = request;
    const seen = { resource, namespace, path: url.pathname, query, headers, isWatch, httpVersion };
    this.requests.push(seen);
    const refusal = KINDS[resource] === undefined ? { status: 404 } : this.#options.gate?.(seen);
    if (refusal?.cut === true) request.socket.destroy();
    else if (refusal !== undefined) refuse(response, refusal);
    else if (isWatch) this.#watch(seen, response);
    else this.#list(seen, response);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #list(seen: SeenRequest, response: ServerResponse): void {
    const { query, resource } = seen;
    const [version, from] = (query["continue"] ?? `${this.#version}:0`).split(":").map(Number) as [number, number];
    if (version < this.#oldest) return refuse(response, EXPIRED);
    const all = [...this.#all(resource).values()].filter((object) => isWanted(object, seen));
    const limit = Number(query["limit"] ?? 0) || all.length;
    const items = all.slice(from, from + limit);
    const rest = all.length - from - items.length;
    const more = rest > 0 ? { continue: `${version}:${from + items.length}`, remainingItemCount: rest } : {};
    const [kind, apiVersion] = KINDS[resource]!;
    sendJson(response, 200, {
      kind: `${kind}List`,
      apiVersion,
      metadata: { resourceVersion: String(version), ...more },
      items,
    });
  }

  #watch(seen: SeenRequest, response: ServerResponse): void {
    // Sends all existing objects first in a streaming list:
    // https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
    const isListing = seen.query["sendInitialEvents"] === "true";
    const from = isListing ? this.#version : Number(seen.query["resourceVersion"]);
    const isExpired = from < this.#oldest;
    if (isExpired && this.#options.expiry !== "event") return refuse(response, EXPIRED);
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const watch = { seen, response };
    if (isExpired) {
      this.#write(watch, { type: "ERROR", object: statusObject(EXPIRED) });
      response.end();
      return;
    }
    if (isListing) this.#writeAll(watch);
    this.#watches.add(watch);
    response.on("close", () => this.#watches.delete(watch));
    for (const change of this.#history) if (change.version > from) this.#send(watch, change);
  }

  #writeAll(watch: Watch): void {
    const [kind, apiVersion] = KINDS[watch.seen.resource]!;
    for (const object of this.#all(watch.seen.resource).values()) {
      if (isWanted(object, watch.seen)) this.#write(watch, { type: "ADDED", object: { kind, apiVersion, ...object } });
    }
    const metadata = { resourceVersion: String(this.#version), annotations: { "k8s.io/initial-events-end": "true" } };
    this.#write(watch, { type: "BOOKMARK", object: { kind, apiVersion, metadata } });
  }

  /**
   * Sends a change of an object to a watch. An object that begins to match the watch's selectors is sent as added. An
   * object that ceases to match is sent as deleted.
   */
  #send(watch: Watch, { resource, before, after, version }: Change): void {
    if (resource !== watch.seen.resource) return;
    const was = before !== undefined && isWanted(before, watch.seen);
    const is = after !== undefined && isWanted(after, watch.seen);
    if (!was && !is) return;
    const [kind, apiVersion] = KINDS[resource]!;
    const object = is ? after : { ...before!, metadata: { ...before!.metadata, resourceVersion: String(version) } };
    const type = is ? (was ? "MODIFIED" : "ADDED") : "DELETED";
    this.#write(watch, { type, object: { kind, apiVersion, ...object } });
  }

  #write({ response }: Watch, event: unknown): void {
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    const size = this.#options.pieceBytes ?? line.length;
    for (let at = 0; at < line.length; at += size) response.write(line.subarray(at, at + size));
  }
}

const EXPIRED: Refusal = { status: 410, reason: "Expired", message: "too old resource version: 1 (2)" };

const keyOf = ({ metadata }: ApiObject): string => `${metadata.namespace ?? ""}/${metadata.name}`;

const isWanted = (object: ApiObject, { namespace, query }: SeenRequest): boolean =>
  (namespace === "" || object.metadata.namespace === namespace) &&
  matchesSelectors(object, query["labelSelector"] ?? "", query["fieldSelector"] ?? "");

const statusObject = ({ status, reason, message = `refused with ${status}` }: Refusal) => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message,
  reason,
  code: status,
});

function refuse(response: ServerResponse, refusal: Refusal): void {
  if (refusal.retryAfter !== undefined) response.setHeader("retry-after", String(refusal.retryAfter));
  sendJson(response, refusal.status, statusObject(refusal));
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
