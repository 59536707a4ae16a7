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
import { CLIENT_FIELDS, fieldsToClient, fieldsToSource } from "./proxy-headers.ts";
import { type LimitedRequest, limitedRequest, type ProxiedRequest } from "./limited-request.ts";
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

/** A request that this server makes at a source's server for a client. */
export interface SourceCall {
  readonly method: Method;
  /** Segments of the path below the source's URL, without escapes. A name may contain a slash. */
  readonly path: readonly string[];
  /** Query of the URL, with its `?`, or empty. */
  readonly search: string;
  /** Body of the request, with its Content-Type. */
  readonly content?: { readonly type: string; readonly body: string };
  /** Maximum size of the response in bytes. */
  readonly maxBytes: number;
}

/** The whole response to a SourceCall. */
export interface SourceAnswer {
  readonly status: number;
  /** The Content-Type. Empty if it is missing. */
  readonly type: string;
  readonly body: Buffer;
}

interface SentRequest {
  readonly method: Method;
  readonly url: URL;
  readonly fields: Readonly<Record<string, string>>;
  readonly type: string | undefined;
  readonly body: Uint8Array;
}

/** Forwards requests of clients to a source's server, with the stored credentials. */
export class SourceProxy {
  readonly #context: Context;
  readonly #instances: SourceInstances;

  constructor(context: Context, instances: SourceInstances) {
    this.#context = context;
    this.#instances = instances;
  }

  /** Forwards a request, and streams the response to the client. */
  async pass(request: FastifyRequest, reply: FastifyReply, record: SourceRecord): Promise<FastifyReply> {
    const [path, method] = [pathParameter(request, "*"), request.method as Method];
    const url = this.#urlOf(request, record, { method, path: proxiedSegments(request), search: searchOf(request) });
    const contentType = contentTypeOf(request);
    const body = bodyOf(request);
    const limited = limitedOf(request, record, () => {
      return { method, path, search: queryOf(request), contentType, body: body.toString() };
    });
    const fields = this.#fieldsOf(request, record);
    const sent =
      limited === undefined
        ? { method, url, fields, type: contentType, body }
        : limitedSending({ method, url, fields }, limited);
    return this.#within(request, reply, record, async (signal) => {
      const answer = await this.#send(record, sent, signal);
      return limited?.filter === undefined
        ? this.#answer(reply, answer)
        : this.#filteredAnswer(reply, answer, limited.filter);
    });
  }

  /**
   * Sends a request for a client, with the client's rights on the source, and returns the whole response. Throws the
   * same refusals as pass().
   */
  async ask(
    request: FastifyRequest,
    reply: FastifyReply,
    record: SourceRecord,
    call: SourceCall,
  ): Promise<SourceAnswer> {
    const { method, path, search, content, maxBytes } = call;
    const url = this.#urlOf(request, record, call);
    const [contentType, body] = [content?.type, content?.body ?? ""];
    const limited = limitedOf(request, record, () => {
      return { method, path: path.join("/"), search: new URLSearchParams(search), contentType, body };
    });
    const fields = this.#connectionFieldsOf(request, record);
    const sent =
      limited === undefined
        ? { method, url, fields, type: contentType, body: Buffer.from(body) }
        : limitedSending({ method, url, fields }, limited);
    return this.#within(request, reply, record, async (signal) => {
      const { statusCode: status, headers, body: parts } = await this.#send(record, sent, signal);
      const tooLong = (): Error => refusal(502, `The answer of the data source is longer than ${maxBytes} bytes`);
      const bytes = await limitedBody(parts, maxBytes, tooLong);
      const problem = problemOf(status, headers["location"] !== undefined);
      if (problem !== undefined) throw problem;
      const type = String(headers["content-type"] ?? "");
      return limited?.filter === undefined
        ? { status, type, body: bytes }
        : { status, type, body: Buffer.from(JSON.stringify(filtered(status, bytes, limited.filter))) };
    });
  }

  /** Runs a request to a source's server within the time limit, in a slot of the user, until the client is gone. */
  async #within<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    record: SourceRecord,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
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
      // The user's slot stays occupied until the whole response has been received or forwarded.
      return await this.#instances.desk.slots.run(askingUser(request), record.uid, signal, () => run(signal));
    } catch (error) {
      if (error instanceof Refusal) throw error;
      const { status, message } = reachFailure(signal.aborted ? signal.reason : error);
      if (status === 502) logger.warn("A data source could not be reached", { source: record.name, err: error });
      throw refusal(status, `Failed to call data source: ${message}`);
    }
  }

  /** Returns the header fields of a forwarded request. */
  #fieldsOf(request: FastifyRequest, { jsonData }: SourceRecord): Record<string, string> {
    // These cookies identify the sender. A data source with their values could send requests as the sender.
    const own = [this.#context.settings["auth.login_cookie_name"], RENDER_COOKIE];
    const cookies = textsAt(jsonData, "keepCookies").filter((name) => !own.includes(name));
    return fieldsToSource(request, cookies);
  }

  /** Returns the header fields of a request that this server makes for a client: they only describe the client. */
  #connectionFieldsOf(request: FastifyRequest, record: SourceRecord): Record<string, string> {
    const fields = this.#fieldsOf(request, record);
    for (const name of CLIENT_FIELDS) delete fields[name];
    return fields;
  }

  async #send(
    record: SourceRecord,
    { method, url, fields, type, body }: SentRequest,
    signal: AbortSignal,
  ): Promise<ProxiedAnswer> {
    const client = await this.#instances.proxyClient(record);
    return client.request(url.href, {
      method,
      headers: {
        ...fields,
        "User-Agent": `narthex/${this.#context.build.narthex}`,
        ...(type === undefined ? {} : { "Content-Type": type }),
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
    return reply.header("content-security-policy", "sandbox").send(filtered(statusCode, bytes, filter));
  }

  /** Returns the URL of a request to a source's server. Throws a refusal if the sender may not make the request. */
  #urlOf(
    request: FastifyRequest,
    record: SourceRecord,
    { method, path, search }: Pick<SourceCall, "method" | "path" | "search">,
  ): URL {
    const base = URL.parse(record.url);
    if (base === null || !/^https?:$/.test(base.protocol))
      throw refusal(400, "The URL of the data source is not an HTTP URL");
    if (path.some((segment) => segment.split(/[/\\]/).some((part) => part === ".." || part === ".")))
      throw refusal(400, "the path leads out of the data source");
    checkRight(request, record, method, path.join("/"));
    try {
      this.#instances.destinations.check(base);
    } catch (error) {
      throw error instanceof QueryFailure ? refusal(error.status, error.message) : error;
    }
    base.pathname = `${trimTrailing(base.pathname, "/")}/${path.map(encodeURIComponent).join("/")}`;
    if (search !== "") base.search = withoutToken(search, this.#context.settings);
    return base;
  }
}

/**
 * Returns the segments of the path below a source's URL, without escapes. A segment may contain an escaped slash, such as
 * the namespace of a rule group. Grafana also forwards this escape.
 */
function proxiedSegments({ url, routeOptions, params }: FastifyRequest): readonly string[] {
  const path = (params as { readonly "*": string })["*"];
  const from = (routeOptions.url ?? "").split("/").length - 1;
  const raw = url.split("?", 1)[0]!.split("/").slice(from);
  try {
    const segments = raw.map(decodeURIComponent);
    return segments.join("/") === path ? segments : path.split("/");
  } catch {
    return path.split("/");
  }
}

/** Returns the query of a request's URL as it was sent, with its `?`; empty if it is missing. */
export function searchOf({ url }: FastifyRequest): string {
  const queryAt = url.indexOf("?");
  return queryAt === -1 ? "" : url.slice(queryAt);
}

/** Returns the parts of a JSON response that the sender may read. Throws a refusal for every other response. */
function filtered(status: number, bytes: Buffer, filter: (answer: unknown) => unknown): unknown {
  if (status !== 200) throw refusal(502, `The data source answered with status ${status}`);
  return filter(jsonOf(bytes));
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw refusal(502, "The answer of the data source is not JSON, so it cannot be limited");
  }
}

/** Returns the limited request to send if the sender may read only some series; otherwise undefined. */
function limitedOf(
  request: FastifyRequest,
  { type }: SourceRecord,
  asked: () => ProxiedRequest,
): LimitedRequest | undefined {
  const limit = request.principal.identity?.limit;
  return limit === undefined ? undefined : limitedRequest(type, asked(), limit);
}

/** Returns a request with the parameters that a limited sender may use, instead of the sender's own. */
function limitedSending(
  { method, url, fields }: Pick<SentRequest, "method" | "url" | "fields">,
  limited: LimitedRequest,
): SentRequest {
  const to = new URL(url);
  to.search = limited.search.toString();
  const body = Buffer.from(limited.form ?? "");
  const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => !NOT_WITH_LIMIT.includes(name)));
  const type = body.length === 0 ? undefined : "application/x-www-form-urlencoded";
  return { method, url: to, fields: kept, type, body };
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

function checkRight(
  { principal: { identity } }: FastifyRequest,
  { type }: SourceRecord,
  method: string,
  path: string,
): void {
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
