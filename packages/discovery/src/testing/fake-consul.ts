import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One instance of a service that a test registers. Missing fields have the values of `redisInstance`. */
export interface FakeInstance {
  readonly Node: Readonly<Record<string, unknown>> & { readonly Meta?: Readonly<Record<string, string>> };
  readonly Service: Readonly<Record<string, unknown>> & { readonly Tags?: readonly string[] | null };
  readonly Checks: readonly Readonly<Record<string, unknown>>[] | null;
}

/**
 * Sample answer for "List Service Instances for Service" from
 * developer.hashicorp.com/consul/api-docs/health#sample-response-2.
 */
export const redisInstance: FakeInstance = {
  Node: {
    ID: "40e4a748-2192-161a-0510-9bf59fe950b5",
    Node: "foobar",
    Address: "10.1.10.12",
    Datacenter: "dc1",
    TaggedAddresses: { lan: "10.1.10.12", wan: "10.1.10.12" },
    Meta: { instance_type: "t2.medium" },
  },
  Service: {
    ID: "redis",
    Service: "redis",
    Tags: ["primary"],
    Address: "10.1.10.12",
    TaggedAddresses: { lan: { address: "10.1.10.12", port: 8000 }, wan: { address: "198.18.1.2", port: 80 } },
    Meta: { redis_version: "4.0" },
    Port: 8000,
    Weights: { Passing: 10, Warning: 1 },
    Namespace: "default",
  },
  Checks: [
    {
      Node: "foobar",
      CheckID: "service:redis",
      Name: "Service 'redis' check",
      Status: "passing",
      ServiceID: "redis",
      ServiceName: "redis",
      ServiceTags: ["primary"],
    },
    { Node: "foobar", CheckID: "serfHealth", Name: "Serf Health Status", Status: "passing", ServiceID: "" },
  ],
};

/**
 * Beginning of the sample answer for "Read Configuration" from
 * developer.hashicorp.com/consul/api-docs/agent#sample-response-2.
 */
const AGENT = { Config: { Datacenter: "dc1", NodeName: "foobar", Server: true, Version: "1.0.1" } };

interface Waiting {
  readonly path: string;
  readonly answer: () => void;
}

/**
 * A simulated Consul agent over HTTP with the read endpoints that discovery uses, including blocking queries
 * (developer.hashicorp.com/consul/api-docs/features/blocking). A request with the current index is held until the state
 * changes. Held requests time out only when the test calls timeOut().
 */
export class FakeConsul implements AsyncDisposable {
  /** Path and parameters of each request, followed by a space and the token if the request has one. */
  readonly requests: string[] = [];
  /** If set, every request is answered with this status and text. */
  fault: { readonly status: number; readonly text: string } | undefined;
  /** If set, every answer that is not held has this text. */
  body: string | undefined;
  /** Returns the index header of each answer, or undefined for no header. */
  indexHeader: (index: number) => string | undefined = String;
  readonly #services = new Map<string, { readonly instances: readonly FakeInstance[]; readonly index: number }>();
  readonly #server: Server;
  #index = 10;
  #catalogIndex = 10;
  #waiting: Waiting[] = [];
  #listeners: (() => void)[] = [];

  private constructor() {
    this.#server = createServer((request, response) => this.#onRequest(request, response));
  }

  /**
   * Starts the agent.
   * @param at a port, or the path of a unix socket
   */
  static async start(at: number | string = 0): Promise<FakeConsul> {
    const fake = new FakeConsul();
    await new Promise<void>((resolve) => {
      if (typeof at === "number") fake.#server.listen(at, "127.0.0.1", resolve);
      else fake.#server.listen(at, resolve);
    });
    return fake;
  }

  /** `127.0.0.1:port`. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Number of blocking queries that are held without an answer. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Registers the instances under the service's name, replacing the previous ones. */
  register(name: string, ...instances: readonly FakeInstance[]): void {
    this.#index++;
    if (tagsOf(this.#services.get(name)?.instances).join() !== tagsOf(instances).join() || !this.#services.has(name))
      this.#catalogIndex = this.#index;
    this.#services.set(name, { instances, index: this.#index });
    this.#release((path) => path === `health/service/${name}` || path === "catalog/services");
  }

  deregister(name: string): void {
    this.#catalogIndex = ++this.#index;
    this.#services.delete(name);
    this.#release((path) => path === `health/service/${name}` || path === "catalog/services");
  }

  /** Simulates servers restored from an older snapshot: all indexes are lower than before. */
  rewind(index: number): void {
    this.#index = index;
    this.#catalogIndex = index;
    for (const [name, { instances }] of this.#services) this.#services.set(name, { instances, index });
    this.#release(() => true);
  }

  /** Answers the held requests with the unchanged state, as Consul does after the maximum wait. */
  timeOut(): void {
    this.#release(() => true);
  }

  /** Resolves when the condition is true. The condition is checked after each request. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#listeners.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #release(which: (path: string) => boolean): void {
    const released = this.#waiting.filter(({ path }) => which(path));
    this.#waiting = this.#waiting.filter(({ path }) => !which(path));
    for (const { answer } of released) answer();
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const token = request.headers["x-consul-token"];
    this.requests.push(request.url! + (token === undefined ? "" : ` ${String(token)}`));
    const url = new URL(request.url!, "http://consul");
    const path = decodeURIComponent(url.pathname).replace(/^.*\/v1\//, "");
    const answer = (): void => this.#answer(path, url.searchParams, response);
    const index = Number(url.searchParams.get("index") ?? 0);
    if (this.fault === undefined && index > 0 && index >= this.#indexOf(path)) {
      const held = { path, answer };
      this.#waiting.push(held);
      response.on("close", () => (this.#waiting = this.#waiting.filter((other) => other !== held)));
    } else answer();
    for (const hear of this.#listeners.splice(0)) hear();
  }

  /** Returns the Consul index for a path. Unknown services have the index of the catalog. */
  #indexOf(path: string): number {
    return this.#services.get(path.replace("health/service/", ""))?.index ?? this.#catalogIndex;
  }

  #answer(path: string, params: URLSearchParams, response: ServerResponse): void {
    if (this.fault !== undefined) {
      response.writeHead(this.fault.status).end(this.fault.text);
      return;
    }
    const header = path === "agent/self" ? undefined : this.indexHeader(this.#indexOf(path));
    if (header !== undefined) response.setHeader("x-consul-index", header);
    response.setHeader("content-type", "application/json");
    response.end(this.body ?? JSON.stringify(this.#value(path, params)));
  }

  #value(path: string, params: URLSearchParams): unknown {
    if (path === "agent/self") return AGENT;
    if (path === "catalog/services") {
      const all = [...this.#services].map(([name, { instances }]) => [name, instances.filter(onNode(params))] as const);
      return Object.fromEntries(
        all
          .filter(([, found]) => found.length > 0 || params.getAll("node-meta").length === 0)
          .map(([name, found]) => [name, tagsOf(found)]),
      );
    }
    const instances = this.#services.get(path.replace("health/service/", ""))?.instances ?? [];
    return instances
      .filter(onNode(params))
      .filter(({ Service }) => params.getAll("tag").every((tag) => Service.Tags?.includes(tag) === true));
  }
}

const tagsOf = (instances: readonly FakeInstance[] = []): string[] => [
  ...new Set(instances.flatMap(({ Service }) => Service.Tags ?? [])),
];

const onNode =
  (params: URLSearchParams) =>
  ({ Node }: FakeInstance): boolean =>
    params.getAll("node-meta").every((pair) => {
      const [key, value] = pair.split(":");
      return Node.Meta?.[key!] === value;
    });
