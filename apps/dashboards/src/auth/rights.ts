import type { Access, Identity, OrgRole, Scope } from "@narthex/http";
import { invariant } from "@narthex/runtime";
import type { FastifyContextConfig, FastifyInstance, RouteOptions } from "fastify";
import { type Action, roleLevel } from "./levels.ts";

/**
 * The right that a route requires.
 * - `open` no right; the client is not identified
 * - `none` no right; known clients may get more data
 * - `signed-in` a user with any role
 * - `page` a viewer, or a user with any role; other clients are redirected to the login
 * - `place` an account with a level in a folder or on a dashboard, which needsPlace() names
 * - `source` an account with a level on a data source, which needsSource() names
 * - `service-account` an account with a level on a service account, which needsServiceAccount() names
 */
export type Right =
  | PlaceRight
  | "open"
  | "none"
  | "page"
  | "viewer"
  | "signed-in"
  | "editor"
  | "admin"
  | "server-admin";

type PlaceRight = "place" | "source" | "service-account";

const ACCESS: Readonly<Record<Right, Access>> = {
  place: "read",
  source: "read",
  "service-account": "read",
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
 * @param action name of the right in the message of refusals: `dashboards:write`
 */
export const needs = (
  right: Right,
  action = "",
): { readonly config: { readonly access: Access; readonly right: Right; readonly action: string } } => ({
  config: { access: ACCESS[right], right, action },
});

/**
 * Declares that a route requires a level in the folder or on the dashboard that it handles. Only the route knows which
 * folder or dashboard that is, so it checks the level itself. Accounts without this level anywhere are refused before
 * the route runs.
 *
 * @param action name of the right in refusals: `dashboards:write`
 */
export const needsPlace = (level: Action, action: string): NeededLevel => neededLevel("place", level, action);

/**
 * Declares that a route requires a level on the data source that it handles: `view` to query and read it, `edit` to
 * change it, `admin` to change its permissions and delete it. The route checks the level itself, as for needsPlace().
 *
 * @param action name of the right in refusals: `datasources:write`
 */
export const needsSource = (level: Action, action: string): NeededLevel => neededLevel("source", level, action);

/**
 * Declares that a route requires a level on the service account that it handles: `edit` to read and change it, `admin`
 * to delete it and to change its permissions. The route checks the level itself, as for needsPlace().
 *
 * @param action name of the right in refusals: `serviceaccounts:write`
 */
export const needsServiceAccount = (level: Action, action: string): NeededLevel =>
  neededLevel("service-account", level, action);

interface NeededLevel {
  readonly config: {
    readonly access: Access;
    readonly right: PlaceRight;
    readonly level: Action;
    readonly action: string;
  };
}

const neededLevel = (right: PlaceRight, level: Action, action: string): NeededLevel => ({
  config: { access: ACCESS[RIGHT_OF_LEVEL[right][level]], right, level, action },
});

/** The role that includes a level by default, if no permissions are set, by the kind of object. */
const RIGHT_OF_LEVEL: Readonly<Record<PlaceRight, Readonly<Record<Action, Exclude<Right, PlaceRight>>>>> = {
  place: { view: "viewer", edit: "editor", admin: "admin" },
  source: { view: "viewer", edit: "admin", admin: "admin" },
  "service-account": { view: "admin", edit: "admin", admin: "admin" },
};

export const isAtLeast = (identity: Identity | undefined, role: OrgRole): boolean =>
  identity !== undefined && roleLevel(identity) >= roleLevel({ role });

const isUser = (identity: Identity | undefined): boolean => identity !== undefined && identity.id > 0;

export function hasRight(identity: Identity | undefined, right: Right): boolean {
  switch (right) {
    case "open":
    case "none":
      return true;
    case "place":
    case "source":
    case "service-account":
      return identity !== undefined;
    case "viewer":
      return isAtLeast(identity, "Viewer");
    case "page":
      return isAtLeast(identity, "Viewer") || isUser(identity);
    case "signed-in":
      return isUser(identity);
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

/** Action of the routes that query data sources. */
const QUERY_ACTION = "datasources:query";

const READS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/**
 * Returns the scope that a limited token needs for a route: `query` for routes that query data sources, `read` for
 * routes that viewers may use, `admin` for routes that change data. Returns undefined for routes that need no right.
 */
export function scopeOfRoute(method: string, config: FastifyContextConfig): Scope | undefined {
  const { right = "none", action, level } = config;
  if (right === "open" || right === "none") return undefined;
  if (action === QUERY_ACTION && right !== "page") return "query";
  if (right === "page" || right === "viewer") return "read";
  return (right === "signed-in" || level === "view") && READS.has(method) ? "read" : "admin";
}

const isPlaceRight = (right: Right): right is PlaceRight =>
  right === "place" || right === "source" || right === "service-account";

/** Returns the names of the actions that a user may perform, such as `dashboards:write`. */
export type GrantedActions = (identity: Identity | undefined, mayAnywhere: MayAnywhere) => readonly string[];

/** Reports whether an account has a level on at least one folder, dashboard, data source or service account. */
type MayAnywhere = (right: PlaceRight, level: Action) => boolean;

/**
 * Makes the server's start fail if a route does not declare a right. Returns a function that lists the actions a user
 * may perform.
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
  return (identity, mayAnywhere) => {
    // Caches whether the account has a level, because many routes need the same level, and the check may read all
    // folders and dashboards.
    const levels = new Map<string, boolean>();
    const hasLevel = (right: PlaceRight, level: Action): boolean => {
      const key = `${right} ${level}`;
      const known = levels.get(key) ?? mayAnywhere(right, level);
      levels.set(key, known);
      return known;
    };
    const isGranted = ({ level, right = "none" }: FastifyContextConfig): boolean =>
      level !== undefined && isPlaceRight(right)
        ? identity !== undefined && hasLevel(right, level)
        : hasRight(identity, right);
    const actions = routes.flatMap(({ config = {} }) => {
      const { action = "" } = config;
      return action !== "" && isGranted(config) ? [action] : [];
    });
    return [...new Set(actions)].toSorted();
  };
}

declare module "fastify" {
  interface FastifyContextConfig {
    right?: Right;
    level?: Action;
    action?: string;
    /** Whether this request must not renew the session's token, because the browser would not receive the new token. */
    keepsSession?: boolean;
  }
}
