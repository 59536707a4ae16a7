import type { RouteAccess } from "../server/access.ts";

/** Function that sends a request and returns the status of the answer. */
export type SendRequest = (method: string, path: string) => Promise<number>;

interface RouteRequest {
  readonly route: RouteAccess;
  readonly method: string;
  readonly path: string;
}

/**
 * Returns a request for each method of each route. The path of a request contains `x` for each parameter of the route.
 */
export const requestsOf = (routes: readonly RouteAccess[]): readonly RouteRequest[] =>
  routes.flatMap((route) =>
    route.methods.map((method) => ({ route, method, path: route.url.replaceAll(/:\w+|\*/g, "x") })),
  );

/**
 * Requests each route once with each of its methods. Returns the routes that answered with an unwanted status, as lines
 * such as `GET /path access: 200`.
 */
export async function routesAnsweringElse(
  routes: readonly RouteAccess[],
  send: SendRequest,
  isWanted: (status: number, route: RouteAccess) => boolean,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { route, method, path } of requestsOf(routes)) {
    const status = await send(method, path);
    if (!isWanted(status, route)) wrong.push(`${method} ${route.url} ${route.access}: ${status}`);
  }
  return wrong;
}

/**
 * Requests each route as each client in CLIENTS. The server's web config file must have the user `ann`. Returns, by
 * client, the routes that refuse `ann` or accept another client.
 */
export async function routesNotForUsersAlone(
  base: string,
  routes: readonly RouteAccess[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const wrong: Record<string, readonly string[]> = {};
  for (const [client, headers] of Object.entries(CLIENTS)) {
    const send: SendRequest = async (method, path) =>
      (await fetch(`${base}${path}`, { method, headers, redirect: "manual" })).status;
    // oxlint-disable-next-line no-await-in-loop -- one client after the other
    const found = await routesAnsweringElse(routes, send, (status) => (status === 401) === (client !== "ann"));
    if (found.length > 0) wrong[client] = found;
  }
  return wrong;
}

/** bcrypt hash of `secret` with a low cost, for a web config file. */
export const SECRET_HASH = "$2b$04$6fQ7JWqaKO7.WWiBme43SeeXpQ.sEOugRmWIJ82XWFZJF/7xMVtKu";

/**
 * Request headers of several clients, for a server whose web config file has the user `ann` with the password `secret`.
 */
export const CLIENTS: Readonly<
  Record<"nobody" | "a stranger" | "a wrong password" | "ann", Readonly<Record<string, string>>>
> = {
  nobody: {},
  "a stranger": { authorization: `Basic ${btoa("eve:secret")}` },
  "a wrong password": { authorization: `Basic ${btoa("ann:wrong")}` },
  ann: { authorization: `Basic ${btoa("ann:secret")}` },
};
