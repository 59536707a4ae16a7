import { invariant } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import { isFromOwnPage } from "./own-page.ts";

/** The right that a client needs for a route. `public` routes need no right and no user. */
export type Access = "public" | "read" | "write" | "lifecycle" | "admin";

/**
 * Declares the right that a route requires. Every route of a server has one.
 * ```ts
 * app.get("/targets", access("read"), handler);
 * ```
 */
export const access = (right: Access): { readonly config: { readonly access: Access } } => ({
  config: { access: right },
});

/** For each right that command-line flags disable: the function that answers all requests to routes with this right. */
export type DisabledAccess = Partial<Record<Access, ((reply: FastifyReply) => FastifyReply) | undefined>>;

/**
 * Reports whether a request must be refused because a web page sends it. The check is needed because a page of any site
 * could send a POST to a server on the user's machine. No page needs the lifecycle API, and browsers set `Origin` for
 * each POST and PUT of a page. Pages of this server use the admin API, so this API refuses only requests from pages of
 * other sites.
 */
const isRefused = ({ headers }: FastifyRequest, right: Access, ownHosts: ReadonlySet<string>): boolean =>
  (right === "lifecycle" && headers.origin !== undefined) || (right === "admin" && !isFromOwnPage(headers, ownHosts));

const PAGE_REFUSALS: Partial<Record<Access, string>> = {
  lifecycle: "Lifecycle API refuses requests of web pages (header Origin).",
  admin: "Admin API refuses requests of other sites' web pages (headers Origin and Sec-Fetch-Site).",
};

const refusePage = (reply: FastifyReply, right: Access): FastifyReply =>
  reply.code(403).header("content-type", "text/plain; charset=utf-8").send(PAGE_REFUSALS[right]);

/** A route and the right that it requires. */
export interface RouteAccess {
  readonly methods: readonly string[];
  /** Path of the route, including all prefixes. */
  readonly url: string;
  readonly access: Access;
}

export class RouteTable {
  readonly #routes: RouteOptions[] = [];

  /**
   * Records all routes that are registered from now on. If a route declares no right, the server fails to start.
   *
   * @param ownHosts hosts, besides that of a request, whose pages may use the admin API
   */
  constructor(app: FastifyInstance, disabled: DisabledAccess = {}, ownHosts: ReadonlySet<string> = new Set()) {
    app.addHook("onRoute", (route) => void this.#routes.push(route));
    app.addHook("onReady", (done) => {
      this.list();
      done();
    });
    // Runs after the hooks of all scopes have set their headers, and before the body is read.
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
      return { methods, url, access: config.access };
    });
  }
}

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
  }
}
