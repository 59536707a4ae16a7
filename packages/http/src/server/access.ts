import { invariant } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, RouteOptions } from "fastify";

/** The right that a route asks of the principal of a request; `public` asks for none, not even for a known user. */
export type Access = "public" | "read" | "write" | "lifecycle" | "admin";

/**
 * Declares the right that a route asks for. Every route of a server has one.
 *
 * ```ts
 * app.get("/targets", access("read"), handler);
 * ```
 */
export const access = (right: Access): { readonly config: { readonly access: Access } } => ({
  config: { access: right },
});

/** Answers in place of the routes that ask for a right which the role's flags switch off. */
export type DisabledAccess = Partial<Record<Access, ((reply: FastifyReply) => FastifyReply) | undefined>>;

/** A route of a server, with the right that it asks for. */
export interface RouteAccess {
  readonly methods: readonly string[];
  /** Its path from the root. */
  readonly url: string;
  readonly access: Access;
}

/** The routes of a server. */
export class RouteTable {
  readonly #routes: RouteOptions[] = [];

  /** Notes the routes that are registered from now on. The server does not get ready with one that declares no right. */
  constructor(app: FastifyInstance, disabled: DisabledAccess = {}) {
    app.addHook("onRoute", (route) => void this.#routes.push(route));
    app.addHook("onReady", (done) => {
      this.list();
      done();
    });
    // After the hooks of all scopes have set their headers, before the body is read.
    app.addHook("preParsing", (request, reply, _payload, done) => {
      const answer = disabled[request.routeOptions.config.access ?? "read"];
      if (answer === undefined) done();
      else answer(reply);
    });
  }

  /** All routes, in the order in which they were registered. */
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
