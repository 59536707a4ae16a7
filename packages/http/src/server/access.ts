import { invariant } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";

/** Kind of access that a route requires. `public` requires no rights, not even a known user. */
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

/** Functions that answer requests to routes whose access right the role's flags disable, by right. */
export type DisabledAccess = Partial<Record<Access, ((reply: FastifyReply) => FastifyReply) | undefined>>;

/**
 * Reports whether a request must be refused because a web page sends it. Any site could send a POST to a server on the
 * user's machine. No page needs the lifecycle API, and browsers set `Origin` for each POST and PUT of a page. Pages of
 * this server use the admin API, so only those of other sites are refused there.
 */
const isRefused = ({ headers }: FastifyRequest, right: Access): boolean =>
  (right === "lifecycle" && headers.origin !== undefined) ||
  (right === "admin" && headers["sec-fetch-site"] === "cross-site");

const PAGE_REFUSALS: Partial<Record<Access, string>> = {
  lifecycle: "Lifecycle API refuses requests of web pages (header Origin).",
  admin: "Admin API refuses requests of other sites' web pages (header Sec-Fetch-Site).",
};

const refusePage = (reply: FastifyReply, right: Access): FastifyReply =>
  reply.code(403).header("content-type", "text/plain; charset=utf-8").send(PAGE_REFUSALS[right]);

/** A route of a server with its required right. */
export interface RouteAccess {
  readonly methods: readonly string[];
  /** Path of the route, including all prefixes. */
  readonly url: string;
  readonly access: Access;
}

/** The routes of a server. */
export class RouteTable {
  readonly #routes: RouteOptions[] = [];

  /**
   * Records all routes that are registered from now on. A server with a route that declares no right does not become
   * ready.
   */
  constructor(app: FastifyInstance, disabled: DisabledAccess = {}) {
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
      else if (isRefused(request, right)) refusePage(reply, right);
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
