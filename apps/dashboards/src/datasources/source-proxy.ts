import { httpClientOf } from "@narthex/datasources";
import { bodyOf, contentTypeOf, createHttpClient, type HttpClient, readRawBodies } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isAtLeast, needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import { accessDenied, refusal } from "../web/refusal.ts";
import { pathParameter } from "../web/request-body.ts";
import type { SourceInstances } from "./source-instances.ts";
import type { SourceRecord } from "./source-record.ts";
import type { SourceStore } from "./source-store.ts";

const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;
type Method = (typeof METHODS)[number];

/** Fields of an answer that are for us alone, or would let a source speak for this server. */
const KEPT_BACK = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "trailer",
  "set-cookie",
  "content-security-policy",
  "strict-transport-security",
]);

/** Passes requests on to a source's server with the credentials that are kept for it. */
export class SourceProxy {
  readonly #context: Context;
  readonly #instances: SourceInstances;
  /** By uid; a record that is no longer the same has another client. */
  readonly #clients = new Map<string, { readonly record: SourceRecord; readonly client: Promise<HttpClient> }>();
  readonly #allowed: ReadonlySet<string>;

  constructor(context: Context, instances: SourceInstances) {
    this.#context = context;
    this.#instances = instances;
    const list = context.settings["security.data_source_proxy_whitelist"];
    this.#allowed = new Set(list.split(/\s+/).filter((host) => host !== ""));
  }

  async pass(request: FastifyRequest, reply: FastifyReply, record: SourceRecord): Promise<FastifyReply> {
    const url = this.#urlOf(request, record);
    checkRight(request, record, url);
    const { settings } = this.#instances.open(record);
    const client = await this.#clientOf(record, () => createHttpClient(httpClientOf(settings)));
    const controller = new AbortController();
    const stop = this.#context.clock.after(this.#context.settings["dataproxy.timeout"] * 1000, () =>
      controller.abort(new Error("the data source did not answer in time")),
    );
    reply.raw.once("close", () => {
      stop();
      controller.abort(new Error("the client is gone"));
    });
    const type = contentTypeOf(request);
    const { accept } = request.headers;
    const body = bodyOf(request);
    const answer = await client
      .request(url.href, {
        method: request.method as Method,
        headers: {
          "User-Agent": `narthex/${this.#context.build.narthex}`,
          ...(type === undefined ? {} : { "Content-Type": type }),
          ...(accept === undefined ? {} : { Accept: accept }),
        },
        ...(body.length === 0 ? {} : { body }),
        signal: controller.signal,
      })
      .catch((error: unknown) => {
        this.#context.logger.warn("A data source could not be reached", { source: record.name, err: error });
        throw refusal(502, `Failed to call data source: ${error instanceof Error ? error.message : String(error)}`);
      });
    for (const [name, value] of Object.entries(answer.headers)) {
      if (!KEPT_BACK.has(name) && value !== undefined) void reply.header(name, value);
    }
    // Whatever it is, it is no page of ours.
    reply.header("content-security-policy", "sandbox").code(answer.statusCode);
    return reply.send(answer.body);
  }

  #urlOf(request: FastifyRequest, record: SourceRecord): URL {
    const base = URL.parse(record.url);
    if (base === null || !/^https?:$/.test(base.protocol)) throw refusal(400, "The data source has no URL of HTTP");
    if (this.#allowed.size > 0 && !this.#allowed.has(base.host)) {
      throw refusal(403, "Data proxy hostname and IP are not included in whitelist");
    }
    const path = pathParameter(request, "*");
    if (path.split(/[/\\]/).includes("..")) throw refusal(400, "the path leads out of the data source");
    const written = path.split("/").map(encodeURIComponent).join("/");
    base.pathname = `${base.pathname.replace(/\/+$/, "")}/${written}`;
    const question = request.url.indexOf("?");
    if (question !== -1) base.search = request.url.slice(question);
    return base;
  }

  async #clientOf(record: SourceRecord, open: () => Promise<HttpClient>): Promise<HttpClient> {
    const known = this.#clients.get(record.uid);
    if (known?.record === record) return known.client;
    void known?.client.then((client) => client.close()).catch(() => undefined);
    const client = open();
    this.#clients.set(record.uid, { record, client });
    client.catch(() => this.#clients.delete(record.uid));
    return client;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#clients.values()].map(async ({ client }) => (await client).close()));
  }
}

/** What changes things on the other side takes more than a viewer's right; of Prometheus all but asking an admin's. */
function checkRight({ method, principal: { grants } }: FastifyRequest, record: SourceRecord, url: URL): void {
  if (record.type === "alertmanager") {
    if (method !== "GET" && !isAtLeast(grants, "Editor")) throw accessDenied("alert.instances.external:write");
    return;
  }
  const isAdmins = /\/(?:api\/v1\/admin|-)\//.test(url.pathname);
  if (method === "PUT" || method === "DELETE") throw refusal(403, `${method} is not allowed on proxied data source`);
  if (isAdmins && !isAtLeast(grants, "Admin")) throw accessDenied("datasources:write");
}

/** Routes of the proxy, by uid, by id, and as the resources that Grafana's pages ask for. */
export function proxyRoutes(app: FastifyInstance, proxy: SourceProxy, store: SourceStore): void {
  app.register((scope, _options, done) => {
    readRawBodies(scope);
    const right = needs("viewer", "datasources:query");
    const route = (url: string, find: (request: FastifyRequest) => SourceRecord | undefined): void => {
      scope.route({
        ...right,
        method: [...METHODS],
        url,
        handler(request, reply) {
          const record = find(request);
          if (record === undefined) throw refusal(404, "Data source not found");
          return proxy.pass(request, reply, record);
        },
      });
    };
    const byUid = (request: FastifyRequest): SourceRecord | undefined => store.byUid(pathParameter(request, "uid"));
    route("/api/datasources/proxy/uid/:uid/*", byUid);
    route("/api/datasources/uid/:uid/resources/*", byUid);
    route("/api/datasources/proxy/:id/*", (request) => store.byId(Number(pathParameter(request, "id"))));
    done();
  });
}
