import { invariant } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import { canBeRebound, isFromOwnPage } from "./own-page.ts";
import type { Scope } from "./scope.ts";

/** The right that a client needs for a route. `public` routes need no right and no user. */
export type Access = "public" | "read" | "write" | "lifecycle" | "admin";

/**
 * The scope that a signed-in person needs for a route. `open` routes need no scope, and their sender is not identified.
 */
export type RouteScope = Scope | "open";

/** Scope of a route, and the route's treatment of accounts that may read only some series. */
interface RouteTerms {
  /**
   * Scope of the route. Default: `read` for the right `read`, `admin` for `lifecycle` and `admin`, `open` for `public`.
   */
  readonly scope?: RouteScope;
  /**
   * Treatment of senders who may read only some series. `none` means that the answers of the route contain no series.
   * `limited` means that the route answers only with series that the sender may read. By default, the route refuses
   * such senders.
   */
  readonly series?: "none" | "limited";
  /**
   * Pages that may change data by the route; by default, only this server's own pages. `any`: pages of all sites. `own`:
   * only the own pages, also to read, because its requests are expensive or its answers are not for other sites. Pages at
   * names that another site may have led to this machine are refused as well.
   */
  readonly pages?: "any" | "own";
}

interface DeclaredAccess {
  readonly config: {
    readonly access: Access;
    readonly scope: RouteScope;
    readonly series?: "none" | "limited";
    readonly pages?: "any" | "own";
  };
}

/** Scopes of routes that do not name a scope. Routes that write always name one. */
const SCOPE_OF = { public: "open", read: "read", write: "admin", lifecycle: "admin", admin: "admin" } as const;

/**
 * Declares the right that a route requires, and the scope that a signed-in person needs. Every route of a server must
 * have such a declaration. ```ts app.get("/targets", access("read"), handler); app.post("/write", access("write", {
 * scope: "push", series: "none" }), handler); ```
 */
export function access(right: Exclude<Access, "write">, terms?: RouteTerms): DeclaredAccess;
export function access(right: Access, terms: RouteTerms & { readonly scope: RouteScope }): DeclaredAccess;
export function access(right: Access, { scope, series, pages }: RouteTerms = {}): DeclaredAccess {
  const terms = { ...(series !== undefined && { series }), ...(pages !== undefined && { pages }) };
  return { config: { access: right, scope: scope ?? SCOPE_OF[right], ...terms } };
}

/** Answers for rights that command-line flags disable: the function answers all requests to routes with this right. */
export type DisabledAccess = Partial<Record<Access, ((reply: FastifyReply) => FastifyReply) | undefined>>;

/**
 * Returns whether a request must be refused because a web page sends it. A page of any site could otherwise send a POST
 * to a server on the user's machine. Browsers set `Origin` for each POST and PUT of a page. The lifecycle API refuses
 * all pages, because no page needs it. The admin API and routes that write refuse only pages of other sites, because
 * this server's own pages use them. The admin API and routes for the own pages also refuse pages at names that another
 * site may have led to this machine.
 */
function isRefused(request: FastifyRequest, right: Access, ownHosts: ReadonlySet<string>): boolean {
  const { headers } = request;
  if (right === "lifecycle") return headers.origin !== undefined;
  const isForOwnPages = right === "admin" || request.routeOptions.config.pages === "own";
  if (right === "write" ? !guardsWriting(request) : !isForOwnPages) return false;
  return !isFromOwnPage(headers, ownHosts) || (isForOwnPages && canBeRebound(request, ownHosts));
}

/**
 * Returns whether a route that writes refuses pages of other sites. A browser never adds a token by itself, so a page that
 * sends a valid token may write. An unchecked token proves nothing.
 */
const guardsWriting = ({ method, headers, principal, routeOptions }: FastifyRequest): boolean =>
  routeOptions.config.pages !== "any" &&
  method !== "GET" &&
  method !== "HEAD" &&
  !(principal.kind === "token" && headers.authorization?.startsWith("Bearer ") === true);

const otherPages = (routes: string): string =>
  `${routes} refuse pages of other sites, and pages at a name that another site may have led to this machine (headers Origin, Sec-Fetch-Site and Host). If the page is this server's, set --web.external-url to its address.`;

const PAGE_REFUSALS: Partial<Record<Access, string>> = {
  lifecycle: "Lifecycle API refuses requests of web pages (header Origin).",
  write: otherPages("Routes that write"),
  read: otherPages("Routes for this server's own pages"),
  admin: otherPages("Routes of the admin API"),
};

const refusePage = (reply: FastifyReply, right: Access): FastifyReply =>
  reply.code(403).header("content-type", "text/plain; charset=utf-8").send(PAGE_REFUSALS[right]);

/** A route and the right that it requires. */
export interface RouteAccess {
  readonly methods: readonly string[];
  /** Path of the route, including all prefixes. */
  readonly url: string;
  readonly access: Access;
  /** Scope that signed-in people need; undefined for routes of servers with other rights. */
  readonly scope: RouteScope | undefined;
  readonly series: "none" | "limited" | undefined;
}

export class RouteTable {
  readonly #routes: RouteOptions[] = [];

  /**
   * Records all routes that are registered after this call. If a route declares no right, the server fails to start.
   * @param ownHosts hosts whose pages may write and use the admin API, besides the host of the request
   */
  constructor(app: FastifyInstance, disabled: DisabledAccess = {}, ownHosts: ReadonlySet<string> = new Set()) {
    app.addHook("onRoute", (route) => void this.#routes.push(route));
    app.addHook("onReady", (done) => {
      this.list();
      done();
    });
    // Checks the right after the hooks of all Fastify scopes have set their headers, and before the body is read.
    app.addHook("preParsing", (request, reply, _payload, done) => {
      const right = request.routeOptions.config.access ?? "read";
      const answer = disabled[right];
      if (answer !== undefined) answer(reply);
      else if (isRefused(request, right, ownHosts)) refusePage(reply, right);
      else done();
    });
  }

  /** Returns all routes in the order of their registration. */
  list(): readonly RouteAccess[] {
    return this.#routes.map(({ method, url, config }) => {
      const methods = [method].flat();
      invariant(config?.access !== undefined, `${methods.join(",")} ${url} declares the access that it needs`);
      return { methods, url, access: config.access, scope: config.scope, series: config.series };
    });
  }
}

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
    scope?: RouteScope;
    series?: "none" | "limited";
    pages?: "any" | "own";
  }
}
