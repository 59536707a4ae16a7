import type { Access, Grants, OrgRole } from "@narthex/http";
import { invariant } from "@narthex/runtime";
import type { FastifyInstance, RouteOptions } from "fastify";

/**
 * What a route asks of whom it answers. `open`: nothing, and whoever it is stays unknown; `none`: nothing, but more may be
 * told to those who are known; `signed-in`: a user, whatever the role; `page`: as viewer, or be led to the login.
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
 * Declares what a route asks for.
 *
 * @param action what the right is called in the words of a refusal: `dashboards:write`
 */
export const needs = (
  right: Right,
  action = "",
): { readonly config: { readonly access: Access; readonly right: Right; readonly action: string } } => ({
  config: { access: ACCESS[right], right, action },
});

const RANK: Readonly<Record<OrgRole, number>> = { None: 0, Viewer: 1, Editor: 2, Admin: 3 };

export const isAtLeast = (grants: Grants | undefined, role: OrgRole): boolean =>
  grants !== undefined && RANK[grants.role] >= RANK[role];

/** Returns whether the asker may see a folder or a dashboard. */
export const maySee = (grants: Grants | undefined, isForAdmins: boolean): boolean =>
  !isForAdmins || isAtLeast(grants, "Admin");

/** May somebody use a route that asks for a right? */
export function hasRight(grants: Grants | undefined, right: Right): boolean {
  switch (right) {
    case "open":
    case "none":
      return true;
    case "page":
    case "viewer":
      return isAtLeast(grants, "Viewer");
    case "signed-in":
      return grants !== undefined && grants.userId > 0;
    case "editor":
      return isAtLeast(grants, "Editor");
    case "admin":
      return isAtLeast(grants, "Admin");
    case "server-admin":
      return grants?.isServerAdmin === true;
  }
}

/** Gives each route of a scope that a module registers which knows no rights the one that its URL asks for. */
export function giveRights(app: FastifyInstance, rightOf: (url: string) => ReturnType<typeof needs>): void {
  app.addHook("onRoute", (route) => void Object.assign(route, rightOf(route.url)));
}

/** Says which of the actions that routes ask for somebody may do. */
export type GrantedActions = (grants: Grants | undefined) => readonly string[];

/** The server does not get ready with a route in a scope that does not say what it asks for. */
export function demandRights(app: FastifyInstance): GrantedActions {
  const routes: RouteOptions[] = [];
  app.addHook("onRoute", (route) => void routes.push(route));
  app.addHook("onReady", (done) => {
    for (const { method, url, config } of routes) {
      invariant(config?.right !== undefined, `${[method].flat().join(",")} ${url} declares the right that it needs`);
    }
    done();
  });
  return (grants) => {
    const actions = routes.flatMap(({ config }) =>
      config?.action !== undefined && config.action !== "" && hasRight(grants, config.right ?? "none")
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
