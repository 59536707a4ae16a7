import type { Access, Identity, OrgRole } from "@narthex/http";
import { invariant } from "@narthex/runtime";
import type { FastifyInstance, RouteOptions } from "fastify";

/**
 * The right that a route requires.
 * - `open` no right; the client is not identified
 * - `none` no right; known clients may get more data
 * - `signed-in` a user with any role
 * - `page` a viewer; other clients are redirected to the login
 */
export type Right = "open" | "none" | "page" | "viewer" | "signed-in" | "editor" | "admin" | "server-admin";

const ACCESS: Readonly<Record<Right, Access>> = {
  open: "read",
  none: "read",
  page: "read",
  viewer: "read",
  "signed-in": "read",
  editor: "write",
  admin: "admin",
  "server-admin": "admin",
};

/**
 * Declares the right that a route requires.
 *
 * @param action name of the right in refusals: `dashboards:write`
 */
export const needs = (
  right: Right,
  action = "",
): { readonly config: { readonly access: Access; readonly right: Right; readonly action: string } } => ({
  config: { access: ACCESS[right], right, action },
});

const RANK: Readonly<Record<OrgRole, number>> = { None: 0, Viewer: 1, Editor: 2, Admin: 3 };

export const isAtLeast = (identity: Identity | undefined, role: OrgRole): boolean =>
  identity !== undefined && RANK[identity.role] >= RANK[role];

export function hasRight(identity: Identity | undefined, right: Right): boolean {
  switch (right) {
    case "open":
    case "none":
      return true;
    case "page":
    case "viewer":
      return isAtLeast(identity, "Viewer");
    case "signed-in":
      return identity !== undefined && identity.id > 0;
    case "editor":
      return isAtLeast(identity, "Editor");
    case "admin":
      return isAtLeast(identity, "Admin");
    case "server-admin":
      return identity?.isServerAdmin === true;
  }
}

/**
 * Declares rights for all routes of a plugin that does not declare rights itself. `rightOf` returns the right for a
 * route's URL.
 */
export function giveRights(app: FastifyInstance, rightOf: (url: string) => ReturnType<typeof needs>): void {
  app.addHook("onRoute", (route) => void Object.assign(route, rightOf(route.url)));
}

/** Returns the names of the actions, such as `dashboards:write`, that a user with these identity may perform. */
export type GrantedActions = (identity: Identity | undefined) => readonly string[];

/**
 * Makes the server's start fail if a route within the scope does not declare a right. Returns a function that lists the
 * actions a user may perform.
 */
export function demandRights(app: FastifyInstance): GrantedActions {
  const routes: RouteOptions[] = [];
  app.addHook("onRoute", (route) => void routes.push(route));
  app.addHook("onReady", (done) => {
    for (const { method, url, config } of routes) {
      invariant(config?.right !== undefined, `${[method].flat().join(",")} ${url} declares the right that it needs`);
    }
    done();
  });
  return (identity) => {
    const actions = routes.flatMap(({ config }) =>
      config?.action !== undefined && config.action !== "" && hasRight(identity, config.right ?? "none")
        ? [config.action]
        : [],
    );
    return [...new Set(actions)].toSorted();
  };
}

declare module "fastify" {
  interface FastifyContextConfig {
    right?: Right;
    action?: string;
  }
}
