import type { Feature } from "@narthex/http";
import type { FastifyInstance, LightMyRequestResponse, RouteOptions } from "fastify";
import { expect, test } from "vitest";
import { hasRight, type Right } from "../auth/rights.ts";
import { unstartedRole } from "../testing/unstarted-role.ts";

interface Route {
  readonly method: string;
  readonly url: string;
  readonly right: Right;
}

const ROLES = {
  nobody: undefined,
  none: { userId: 1, role: "None", isServerAdmin: false },
  viewer: { userId: 1, role: "Viewer", isServerAdmin: false },
  editor: { userId: 1, role: "Editor", isServerAdmin: false },
  admin: { userId: 1, role: "Admin", isServerAdmin: false },
} as const;

const PASSED = 299;

/** The role's server, whose routes are listed, and answer PASSED in place of their handlers once they are closed. */
async function listedRoutes() {
  const registered: RouteOptions[] = [];
  const probe = { isClosed: false };
  const first: Feature = {
    name: "probe",
    routes: ({ app }) => {
      app.addHook("onRoute", (route: RouteOptions) => void registered.push(route));
      app.addHook("preHandler", async (_request, reply) => (probe.isClosed ? reply.code(PASSED).send() : undefined));
    },
  };
  const app = await unstartedRole(first);
  const routes = registered.flatMap(({ method, url, config }) =>
    [method].flat().map((one): Route => ({ method: one, url, right: config!.right! })),
  );
  return { app, routes, probe };
}

const as = (app: FastifyInstance, user: string, { method, url }: Pick<Route, "method" | "url">, payload?: object) =>
  app.inject({
    method: method as "GET",
    url: url.replace(/:\w+|\*/g, "x"),
    headers: user === "" ? {} : { authorization: `Basic ${btoa(user)}` },
    ...(payload === undefined ? {} : { payload }),
  });

/** Adds a user named like the role, with the role's name as password. */
async function addUser(app: FastifyInstance, role: "None" | "Viewer" | "Editor" | "Admin"): Promise<string> {
  const login = role.toLowerCase().replace("admin", "orgadmin");
  const admin = "admin:secret";
  const added = await as(app, admin, { method: "POST", url: "/api/admin/users" }, { login, password: "secret" });
  const { id } = added.json<{ readonly id: number }>();
  expect((await as(app, admin, { method: "PATCH", url: `/api/org/users/${id}` }, { role })).statusCode).toBe(200);
  return `${login}:secret`;
}

/** What the guard did with a request. */
function outcomeOf({ statusCode, headers, body }: LightMyRequestResponse, { right }: Route): string {
  if (statusCode === 302 && right === "page" && headers["location"] === "/login") return "login";
  if (statusCode === 401 && body.includes("auth.unauthorized")) return "401";
  if (statusCode === 403 && body.includes("You'll need additional permissions")) return "403";
  return statusCode === PASSED ? "passed" : `${statusCode} ${body.slice(0, 100)}`;
}

test("the routes of the role and the right that each needs are those of the list", async () => {
  const { routes } = await listedRoutes();
  const lines = routes.map(({ method, url, right }) => `${method} ${url} ${right}`).toSorted();
  expect(lines.length).toBeGreaterThan(150);
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../testing/route-rights.txt");
});

test("each route refuses nobody, viewers, editors and admins without its right, and lets all others pass", async () => {
  const { app, routes, probe } = await listedRoutes();
  const users = {
    nobody: "",
    none: await addUser(app, "None"),
    viewer: await addUser(app, "Viewer"),
    editor: await addUser(app, "Editor"),
    admin: await addUser(app, "Admin"),
  };
  probe.isClosed = true;
  const wrong: string[] = [];
  const check = async (route: Route, name: string, user: string, isAllowed: boolean): Promise<void> => {
    const refused = route.right === "page" ? "login" : name === "nobody" ? "401" : "403";
    const outcome = outcomeOf(await as(app, user, route), route);
    if (outcome !== (isAllowed ? "passed" : refused)) {
      wrong.push(`${route.method} ${route.url} needs ${route.right}; ${name}: ${outcome}`);
    }
  };
  for (const route of routes) {
    for (const [name, grants] of Object.entries(ROLES)) {
      await check(route, name, users[name as keyof typeof users], hasRight(grants, route.right));
    }
    await check(route, "server admin", "admin:secret", true);
  }
  expect(wrong).toEqual([]);
});
