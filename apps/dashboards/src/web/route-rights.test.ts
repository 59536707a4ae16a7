import { type Feature, type Scope, SCOPES } from "@narthex/http";
import type { FastifyInstance, LightMyRequestResponse, RouteOptions } from "fastify";
import { expect, test } from "vitest";
import type { Action } from "../auth/levels.ts";
import { type Right, scopeOfRoute } from "../auth/rights.ts";
import { unstartedRole } from "../testing/unstarted-role.ts";

interface Route {
  readonly method: string;
  readonly url: string;
  readonly right: RouteRight;
  readonly scope: Scope | undefined;
}

/**
 * The right that a route requires. For routes that require a level on an object, this is the level and the kind of the
 * object.
 */
type RouteRight = Exclude<Right, Leveled> | `${Action} a ${Leveled}`;

type Leveled = "place" | "source" | "service-account";

/** For each right, the kinds of clients that may use a route with this right. */
const ALLOWED: Readonly<Record<RouteRight, readonly Kind[]>> = {
  open: ["nobody", "none", "viewer", "editor", "admin", "server admin"],
  none: ["nobody", "none", "viewer", "editor", "admin", "server admin"],
  page: ["none", "viewer", "editor", "admin", "server admin"],
  viewer: ["viewer", "editor", "admin", "server admin"],
  "signed-in": ["none", "viewer", "editor", "admin", "server admin"],
  editor: ["editor", "admin", "server admin"],
  admin: ["admin", "server admin"],
  "server-admin": ["server admin"],
  "view a place": ["viewer", "editor", "admin", "server admin"],
  "edit a place": ["editor", "admin", "server admin"],
  "admin a place": ["admin", "server admin"],
  "view a source": ["viewer", "editor", "admin", "server admin"],
  "edit a source": ["admin", "server admin"],
  "admin a source": ["admin", "server admin"],
  "view a service-account": ["admin", "server admin"],
  "edit a service-account": ["admin", "server admin"],
  "admin a service-account": ["admin", "server admin"],
};

type Kind = "nobody" | "none" | "viewer" | "editor" | "admin" | "server admin";

const PASSED = 299;
const ADMIN = { authorization: `Basic ${btoa("admin:secret")}` };

/**
 * Returns the server and its routes. If `probe.isClosed` is set, a request that passes the access check gets the status
 * PASSED instead of running the handler.
 */
async function listedRoutes(settings: Readonly<Record<string, string>> = {}) {
  const registered: RouteOptions[] = [];
  const probe = { isClosed: false };
  const first: Feature = {
    name: "probe",
    routes: ({ app }) => {
      app.addHook("onRoute", (route: RouteOptions) => void registered.push(route));
      app.addHook("preHandler", async (_request, reply) => (probe.isClosed ? reply.code(PASSED).send() : undefined));
    },
  };
  const app = await unstartedRole(first, settings);
  const routes = registered.flatMap(({ method, url, config }) =>
    [method]
      .flat()
      .map((one): Route => ({ method: one, url, right: rightOf(config!), scope: scopeOfRoute(one, config!) })),
  );
  return { app, routes, probe };
}

const rightOf = ({ right, level }: NonNullable<RouteOptions["config"]>): RouteRight =>
  right === "place" || right === "source" || right === "service-account" ? `${level!} a ${right}` : right!;

const basic = (user: string): Headers => ({ authorization: `Basic ${btoa(user)}` });

type Headers = Readonly<Record<string, string>>;
type Asked = Pick<Route, "method" | "url">;

const ask = (app: FastifyInstance, headers: Headers, { method, url }: Asked, payload?: object) =>
  app.inject({
    method: method as "GET",
    url: url.replace(/:\w+|\*/g, "x"),
    headers,
    ...(payload === undefined ? {} : { payload }),
  });

/** Adds a user whose name and password are the name of a role. Returns the user's credentials. */
async function addUser(app: FastifyInstance, role: "None" | "Viewer" | "Editor" | "Admin"): Promise<Headers> {
  const login = role.toLowerCase().replace("admin", "orgadmin");
  const added = await ask(app, ADMIN, { method: "POST", url: "/api/admin/users" }, { login, password: "secret" });
  const { id } = added.json<{ readonly id: number }>();
  expect((await ask(app, ADMIN, { method: "PATCH", url: `/api/org/users/${id}` }, { role })).statusCode).toBe(200);
  return basic(`${login}:secret`);
}

/** Returns whether the access check has accepted or refused a request, from the response. */
function outcomeOf({ statusCode, headers, body }: LightMyRequestResponse, { right }: Route): string {
  if (statusCode === 302 && right === "page" && headers["location"] === "/login") return "login";
  if (statusCode === 401 && body.includes("auth.unauthorized")) return "401";
  if (statusCode === 403 && body.includes("You'll need additional permissions")) return "403";
  if (statusCode === 401 && ["api-key.invalid", "password-auth.failed"].some((id) => body.includes(id)))
    return "unknown";
  if (statusCode === 403 && body.includes("origin not allowed")) return "other origin";
  return statusCode === PASSED ? "passed" : `${statusCode} ${body.slice(0, 100)}`;
}

test("the routes of the role, and the right that each requires, match the list", async () => {
  const { routes } = await listedRoutes();
  const lines = routes.map(({ method, url, right }) => `${method} ${url} ${right}`).toSorted();
  expect(lines.length).toBeGreaterThan(150);
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../testing/route-rights.txt");
});

/** Sends a request to each route, and returns the routes with an unexpected outcome. */
async function differing(
  app: FastifyInstance,
  routes: readonly Route[],
  headers: Headers,
  wanted: (route: Route) => string,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const route of routes) {
    const outcome = outcomeOf(await ask(app, headers, route), route);
    if (outcome !== wanted(route)) wrong.push(`${route.method} ${route.url} needs ${route.right}: ${outcome}`);
  }
  return wrong;
}

/** Returns a function that returns the expected outcome for a kind of client. */
const wantedFor =
  (kind: Kind, login: "signed in" | "everybody" = "signed in") =>
  ({ right }: Route): string => {
    const isForUsers = right === "signed-in" || (right === "page" && kind === "none");
    if (ALLOWED[right].includes(kind) && (login === "signed in" || !isForUsers)) return "passed";
    if (right === "page") return "login";
    return kind === "nobody" || login === "everybody" ? "401" : "403";
  };

test("each route refuses unknown clients, viewers, editors and admins without its right, and accepts all others", async () => {
  const { app, routes, probe } = await listedRoutes();
  const clients = {
    nobody: {},
    none: await addUser(app, "None"),
    viewer: await addUser(app, "Viewer"),
    editor: await addUser(app, "Editor"),
    admin: await addUser(app, "Admin"),
    "server admin": ADMIN,
  } as const;
  probe.isClosed = true;
  for (const [kind, headers] of Object.entries(clients)) {
    expect(await differing(app, routes, headers, wantedFor(kind as Kind)), kind).toEqual([]);
  }
});

test.each(["None", "Viewer", "Editor", "Admin"] as const)(
  "the token of a service account with the role %s gives the rights of this role",
  async (role) => {
    const { app, routes, probe } = await listedRoutes();
    const accounts = { method: "POST", url: "/api/serviceaccounts" };
    const { id } = (await ask(app, ADMIN, accounts, { name: "scripts", role })).json<{ readonly id: number }>();
    const tokens = { method: "POST", url: `/api/serviceaccounts/${id}/tokens` };
    const { key } = (await ask(app, ADMIN, tokens, { name: "one" })).json<{ readonly key: string }>();
    probe.isClosed = true;
    const wanted = wantedFor(role.toLowerCase() as Lowercase<typeof role>);
    expect(await differing(app, routes, { authorization: `Bearer ${key}` }, wanted)).toEqual([]);
  },
);

/** Returns the expected outcome for a token that lacks the scope of the route. */
const lacking = ({ right }: Route): string => (right === "page" ? "login" : "403");

test.each(SCOPES.map((scope) => [scope] as const))(
  "an admin's token with the scope %s may use only the routes of this scope, and the token of a viewer no others",
  async (scope) => {
    const { app, routes, probe } = await listedRoutes();
    const tokenOf = async (role: string): Promise<Headers> => {
      const accounts = { method: "POST", url: "/api/serviceaccounts" };
      const { id } = (await ask(app, ADMIN, accounts, { name: role, role })).json<{ readonly id: number }>();
      const tokens = { method: "POST", url: `/api/serviceaccounts/${id}/tokens` };
      const made = await ask(app, ADMIN, tokens, { name: "one", scopes: [scope] });
      return { authorization: `Bearer ${made.json<{ readonly key: string }>().key}` };
    };
    const [ofAdmin, ofViewer] = [await tokenOf("Admin"), await tokenOf("Viewer")];
    probe.isClosed = true;
    const isForAdmins = scope === "admin";
    const wanted =
      (kind: Kind) =>
      (route: Route): string =>
        route.scope === undefined || (route.scope === scope && !(kind === "viewer" && isForAdmins))
          ? wantedFor(kind)(route)
          : lacking(route);
    expect(await differing(app, routes, ofAdmin, wanted(isForAdmins ? "admin" : "viewer"))).toEqual([]);
    expect(await differing(app, routes, ofViewer, wanted("viewer"))).toEqual([]);
  },
);

test("each route has the scope that its right and its method imply", async () => {
  const { routes } = await listedRoutes();
  const lines = routes.map(({ method, url, scope }) => `${method} ${url} ${scope ?? "open"}`).toSorted();
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../testing/route-scopes.txt");
});

test.each(["None", "Viewer", "Editor", "Admin"] as const)(
  "if everyone has the role %s without a login, routes for a user's own data and for other rights still require a login",
  async (role) => {
    const { app, routes, probe } = await listedRoutes({
      GF_AUTH_ANONYMOUS_ENABLED: "true",
      GF_AUTH_ANONYMOUS_ORG_ROLE: role,
    });
    probe.isClosed = true;
    const wanted = wantedFor(role.toLowerCase() as Lowercase<typeof role>, "everybody");
    expect(await differing(app, routes, {}, wanted)).toEqual([]);
  },
);

test("a session's token gives the rights of its user, but not to pages of other sites, and only until the user is disabled", async () => {
  const { app, routes, probe } = await listedRoutes();
  await addUser(app, "Editor");
  const credentials = { user: "editor", password: "secret" };
  const login = await ask(app, {}, { method: "POST", url: "/login" }, credentials);
  expect(login.statusCode).toBe(200);
  const session = { cookie: login.cookies.map(({ name, value }) => `${name}=${value}`).join("; ") };
  const { id } = (await app.inject({ url: "/api/user", headers: session })).json<{ readonly id: number }>();
  probe.isClosed = true;
  expect(await differing(app, routes, session, wantedFor("editor"))).toEqual([]);
  const elsewhere = { ...session, origin: "https://elsewhere.example" };
  const isSafe = ({ method }: Route): boolean => ["GET", "HEAD", "OPTIONS"].includes(method);
  expect(
    await differing(app, routes, elsewhere, (route) => (isSafe(route) ? wantedFor("editor")(route) : "other origin")),
  ).toEqual([]);
  probe.isClosed = false;
  const url = `/api/admin/users/${id}/disable`;
  expect((await ask(app, ADMIN, { method: "POST", url })).statusCode).toBe(200);
  probe.isClosed = true;
  expect(await differing(app, routes, session, wantedFor("nobody"))).toEqual([]);
});

test("an unknown token and a wrong password are refused by each route that identifies the client", async () => {
  const { app, routes, probe } = await listedRoutes();
  probe.isClosed = true;
  const wanted = (route: Route): string => wantedFor("nobody")(route).replace("401", "unknown");
  for (const authorization of ["Bearer glsa_x", basic("admin:wrong")["authorization"]!]) {
    expect(await differing(app, routes, { authorization }, wanted), authorization).toEqual([]);
  }
});
