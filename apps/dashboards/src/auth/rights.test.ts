import type { Identity, OrgRole } from "@narthex/http";
import fastify from "fastify";
import { expect, test } from "vitest";
import { demandRights, giveRights, hasRight, needs, type Right } from "./rights.ts";

test("demandRights() makes the start of a server fail if a route declares no right", async () => {
  const app = fastify();
  demandRights(app);
  app.get("/known", needs("viewer"), () => "");
  await app.register(async (scope) => {
    giveRights(scope, () => needs("open"));
    scope.get("/given", () => "");
  });
  app.get("/forgotten", () => "");
  await expect(app.ready()).rejects.toThrow("GET /forgotten declares the right that it needs");
});

const identityOf = (role: OrgRole, isServerAdmin = false, id = 1): Identity => ({
  kind: "user",
  id,
  role,
  isServerAdmin,
  teams: new Set(),
});

test.each<[right: Right, nobody: boolean, ...byRole: boolean[]]>([
  ["open", true, true, true, true, true],
  ["none", true, true, true, true, true],
  ["page", false, true, true, true, true],
  ["place", false, true, true, true, true],
  ["viewer", false, false, true, true, true],
  ["signed-in", false, true, true, true, true],
  ["editor", false, false, false, true, true],
  ["admin", false, false, false, false, true],
  ["server-admin", false, false, false, false, false],
])("the right %s belongs to unknown clients: %s, None: %s, Viewer: %s, Editor: %s, Admin: %s", (right, ...expected) => {
  const roles = ["None", "Viewer", "Editor", "Admin"] as const;
  expect([undefined, ...roles.map((role) => identityOf(role))].map((identity) => hasRight(identity, right))).toEqual(
    expected,
  );
});

test("an anonymous user does not count as signed in, and the server's admin need not be an admin of the organization", () => {
  expect(hasRight(identityOf("Admin", false, 0), "signed-in")).toBe(false);
  expect(["None", "Viewer"].map((role) => hasRight(identityOf(role as OrgRole, false, 0), "page"))).toEqual([
    false,
    true,
  ]);
  expect(hasRight(identityOf("None", true), "server-admin")).toBe(true);
});

test("the allowed actions are listed in order, without duplicates", async () => {
  const app = fastify();
  const actions = demandRights(app);
  app.get("/a", needs("viewer", "b:read"), () => "");
  app.get("/b", needs("viewer", "a:read"), () => "");
  app.get("/c", needs("viewer", "b:read"), () => "");
  app.get("/d", needs("admin", "c:write"), () => "");
  app.get("/e", needs("none"), () => "");
  const none = () => false;
  await app.ready();
  expect([actions(undefined, none), actions(identityOf("Viewer"), none), actions(identityOf("Admin"), none)]).toEqual([
    [],
    ["a:read", "b:read"],
    ["a:read", "b:read", "c:write"],
  ]);
  expect(
    (["open", "page", "editor", "admin", "server-admin"] as const).map((right) => needs(right).config.access),
  ).toEqual(["read", "read", "write", "admin", "admin"]);
});
