import {
  dataSourceKind,
  proxyRight,
  type ProxyRight,
  QueryFailure,
  reachFailure,
  textsAt,
  UNKNOWN_ROUTES,
} from "@narthex/datasources";
import { bodyOf, contentTypeOf, type HttpClient, limitedBody, readRawBodies } from "@narthex/http";
import type { OrgRole } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { trimTrailing } from "@narthex/model";
import type { VisibleSourcesTo } from "../access/visible-sources.ts";
import { withoutToken } from "../auth/jwt/token-in-url.ts";
import { isAtLeast, needsSource } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import { RENDER_COOKIE } from "../rendering/render-keys.ts";
import { accessDenied, Refusal, refusal } from "../web/refusal.ts";
import { pathParameter, queryOf } from "../web/request-body.ts";
import { askingUser } from "./asking-user.ts";
import { fieldsToClient, fieldsToSource } from "./proxy-headers.ts";
import { type LimitedRequest, limitedRequest } from "./limited-request.ts";
import type { SourceInstances } from "./source-instances.ts";
import type { SourceRecord } from "./source-record.ts";

const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;
type Method = (typeof METHODS)[number];
type ProxiedAnswer = Awaited<ReturnType<HttpClient["request"]>>;

const ROLES: Readonly<Record<ProxyRight, OrgRole>> = { viewer: "Viewer", editor: "Editor", admin: "Admin" };

/**
 * Headers that are removed for limited senders, because they do not fit a changed request body or a filtered response.
 */
const NOT_WITH_LIMIT = ["content-encoding", "if-modified-since", "if-none-match", "range"];

/** Maximum size in bytes of a response that is filtered for senders who may read only some series. */
const MAX_FILTERED_BYTES = 64 * 1024 * 1024;

/** Forwards requests of clients to a source's server, with the stored credentials. */
export class SourceProxy {
  readonly #context: Context;
  readonly #instances: SourceInstances;

  constructor(context: Context, instances: SourceInstances) {
    this.#context = context;
    this.#instances = instances;
  }

  async pass(request: FastifyRequest, reply: FastifyReply, record: SourceRecord): Promise<FastifyReply> {
    const url = this.#urlOf(request, record);
    const limited = limitedOf(request, record);
    if (limited !== undefined) url.search = limited.search.toString();
    const { clock, settings, logger } = this.#context;
    const controller = new AbortController();
    const stop = clock.after(settings["dataproxy.timeout"] * 1000, () =>
      controller.abort(new QueryFailure(504, "the data source did not answer in time")),
    );
    reply.raw.once("close", () => {
      stop();
      controller.abort(new QueryFailure(499, "the client is gone"));
    });
    const { signal } = controller;
    try {
      // The user's slot stays occupied until the whole response has been forwarded.
      return await this.#instances.desk.slots.run(askingUser(request), record.uid, signal, async () => {
        const answer = await this.#send(request, record, { url, limited }, signal);
        return limited?.filter === undefined
          ? this.#answer(reply, answer)
          : this.#filteredAnswer(reply, answer, limited.filter);
      });
    } catch (error) {
      if (error instanceof Refusal) throw error;
      const { status, message } = reachFailure(signal.aborted ? signal.reason : error);
      if (status === 502) logger.warn("A data source could not be reached", { source: record.name, err: error });
      throw refusal(status, `Failed to call data source: ${message}`);
    }
  }

  async #send(
    request: FastifyRequest,
    record: SourceRecord,
    { url, limited }: { readonly url: URL; readonly limited: LimitedRequest | undefined },
    signal: AbortSignal,
  ): Promise<ProxiedAnswer> {
    const { build, settings } = this.#context;
    // These cookies identify the sender. A data source with their values could send requests as the sender.
    const own = [settings["auth.login_cookie_name"], RENDER_COOKIE];
    const cookies = textsAt(record.jsonData, "keepCookies").filter((name) => !own.includes(name));
    const type = limited === undefined ? contentTypeOf(request) : "application/x-www-form-urlencoded";
    const body = limited === undefined ? bodyOf(request) : Buffer.from(limited.form ?? "");
    const fields = fieldsToSource(request, cookies);
    if (limited !== undefined) for (const name of NOT_WITH_LIMIT) delete fields[name];
    const client = await this.#instances.proxyClient(record);
    return client.request(url.href, {
      method: request.method as Method,
      headers: {
        ...fields,
        "User-Agent": `narthex/${build.narthex}`,
        ...(type === undefined || (limited !== undefined && body.length === 0) ? {} : { "Content-Type": type }),
      },
      ...(body.length === 0 ? {} : { body }),
      signal,
    });
  }

  async #answer(reply: FastifyReply, { statusCode, headers, body }: ProxiedAnswer): Promise<FastifyReply> {
    // Ignores errors of the body, which mean that the client or the data source has disconnected.
    body.on("error", () => undefined);
    const problem = problemOf(statusCode, headers["location"] !== undefined);
    if (problem !== undefined) {
      body.destroy();
      throw problem;
    }
    void reply.code(statusCode).headers(fieldsToClient(headers));
    // The sandbox prevents a browser from running the body as a page of this server.
    void reply.header("content-security-policy", "sandbox").send(body);
    if (!body.closed) await new Promise((resolve) => body.once("close", resolve));
    return reply;
  }

  /** Sends a response of the data source's server without the parts that the sender may not read. */
  async #filteredAnswer(
    reply: FastifyReply,
    { statusCode, headers, body }: ProxiedAnswer,
    filter: (answer: unknown) => unknown,
  ): Promise<FastifyReply> {
    const tooLong = (): Error => refusal(502, "The answer of the data source is too long to be limited");
    const bytes = await limitedBody(body, MAX_FILTERED_BYTES, tooLong);
    const problem = problemOf(statusCode, headers["location"] !== undefined);
    if (problem !== undefined) throw problem;
    if (statusCode !== 200) throw refusal(502, `The data source answered with status ${statusCode}`);
    return reply.header("content-security-policy", "sandbox").send(filter(jsonOf(bytes)));
  }

  #urlOf(request: FastifyRequest, record: SourceRecord): URL {
    const base = URL.parse(record.url);
    if (base === null || !/^https?:$/.test(base.protocol))
      throw refusal(400, "The URL of the data source is not an HTTP URL");
    const path = pathParameter(request, "*");
    if (path.split(/[/\\]/).some((part) => part === ".." || part === "."))
      throw refusal(400, "the path leads out of the data source");
    checkRight(request, record, path);
    try {
      this.#instances.destinations.check(base);
    } catch (error) {
      throw error instanceof QueryFailure ? refusal(error.status, error.message) : error;
    }
    const written = path.split("/").map(encodeURIComponent).join("/");
    base.pathname = `${trimTrailing(base.pathname, "/")}/${written}`;
    const queryAt = request.url.indexOf("?");
    if (queryAt !== -1) base.search = withoutToken(request.url.slice(queryAt), this.#context.settings);
    return base;
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw refusal(502, "The answer of the data source is not JSON, so it cannot be limited");
  }
}

/** Returns the limited request to send if the sender may read only some series; otherwise undefined. */
function limitedOf(request: FastifyRequest, { type }: SourceRecord): LimitedRequest | undefined {
  const limit = request.principal.identity?.limit;
  if (limit === undefined) return undefined;
  const body = bodyOf(request).toString();
  const contentType = contentTypeOf(request);
  const { method } = request;
  return limitedRequest(
    type,
    { method, path: pathParameter(request, "*"), search: queryOf(request), contentType, body },
    limit,
  );
}

/**
 * Returns an error for responses that a client could mistake for responses of this server: status 401, and redirects to
 * another server.
 */
function problemOf(status: number, leadsElsewhere: boolean): Refusal | undefined {
  if (status === 401) return refusal(400, "Authentication to data source failed");
  if (status >= 300 && status < 400 && leadsElsewhere)
    return refusal(502, "The data source redirects: give it the URL that it redirects to");
  return undefined;
}

function checkRight({ method, principal: { identity } }: FastifyRequest, { type }: SourceRecord, path: string): void {
  const kind = dataSourceKind(type);
  const right = proxyRight(kind?.routes ?? UNKNOWN_ROUTES, method, path);
  if (right === undefined)
    throw refusal(403, `non allow-listed ${method}s not allowed on proxied ${kind?.name ?? type} datasource`);
  if (!isAtLeast(identity, ROLES[right])) throw accessDenied("datasources:write");
}

/**
 * Adds the proxy routes. The path contains the uid or id of the data source. Grafana's pages use the routes under
 * `resources`.
 */
export function proxyRoutes(app: FastifyInstance, proxy: SourceProxy, visible: VisibleSourcesTo): void {
  app.register((scope, _options, done) => {
    readRawBodies(scope);
    const right = needsSource("view", "datasources:query");
    const route = (url: string, find: (request: FastifyRequest) => SourceRecord): void => {
      scope.route({
        ...right,
        method: [...METHODS],
        url,
        handler: (request, reply) => proxy.pass(request, reply, find(request)),
      });
    };
    const byUid = (request: FastifyRequest): SourceRecord => visible(request).source(pathParameter(request, "uid"));
    route("/api/datasources/proxy/uid/:uid/*", byUid);
    route("/api/datasources/uid/:uid/resources/*", byUid);
    route("/api/datasources/proxy/:id/*", (request) =>
      visible(request).sourceById(Number(pathParameter(request, "id"))),
    );
    done();
  });
}
