import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import UsersPage from "./UsersPage.tsx";

let page: DrawnPage;
let user: object;
let failing: string | undefined;
const requests: string[] = [];

const member = (userId: number, login: string, more: object = {}): object => ({
  userId,
  login,
  name: "",
  email: `${login}@example.com`,
  role: "Viewer",
  lastSeenAt: "2026-01-01T00:00:00Z",
  isDisabled: false,
  ...more,
});

beforeEach(() => {
  requests.length = 0;
  failing = undefined;
  page = new DrawnPage();
  vi.stubGlobal("fetch", async (url: string, { method = "GET", body = "" }: { method?: string; body?: string }) => {
    const { pathname, search } = new URL(url, "http://x");
    if (pathname === "/api/frontend/settings") return Response.json({ user });
    if (pathname === "/api/narthex/permissions")
      return Response.json({ folders: [], dataSources: [], serviceAccounts: [] });
    requests.push(`${method} ${pathname}${search}${body}`);
    if (pathname === failing)
      return Response.json({ message: "Cannot remove last organization admin" }, { status: 400 });
    if (pathname === "/api/users/search") return Response.json({ users: [{ id: 1, isAdmin: true }] });
    if (method !== "GET") return Response.json({});
    return Response.json([
      member(1, "admin"),
      member(2, "eve", { name: "Eve", isDisabled: true, authLabels: ["LDAP"] }),
    ]);
  });
});
afterEach(() => page.close());

const rows = () => page.all("tbody tr").map(({ textContent }) => textContent);

test("an admin of the server sees who administers the server and who is disabled, and searches on the server", async () => {
  user = { isSignedIn: true, login: "admin", orgRole: "Admin", isGrafanaAdmin: true };
  await page.draw(<UsersPage />, "/admin/users?query=e");
  await page.until(() => expect(rows()).toHaveLength(2));
  expect(requests.toSorted()).toEqual(["GET /api/orgs/1/users?query=e", "GET /api/users/search?query=e&perpage=5000"]);
  expect(rows()[0]).toMatch(/admin.*You.*Server admin/);
  expect(rows()[1]).toMatch(/eve.*LDAP.*Disabled.*Eve/);
  expect(page.find("a", "eve").getAttribute("href")).toBe("/admin/users/edit/2");
  page.find("button", "New user");
});

test("an admin of the organization changes roles, and a refused change shows its reason", async () => {
  user = { isSignedIn: true, login: "admin", orgRole: "Admin" };
  failing = "/api/org/users/1";
  await page.draw(<UsersPage />, "/org/users");
  await page.until(() => expect(rows()).toHaveLength(2));
  expect(page.all("a[href^='/admin/users/edit']")).toEqual([]);
  expect(page.all("button").map(({ textContent }) => textContent)).not.toContain("New user");
  await page.type(page.find<HTMLSelectElement>("select", "Role of eve"), "Editor");
  await page.type(page.find<HTMLSelectElement>("select", "Role of admin"), "None");
  expect(requests.filter((request) => request.startsWith("PATCH"))).toEqual([
    'PATCH /api/org/users/2{"role":"Editor"}',
    'PATCH /api/org/users/1{"role":"None"}',
  ]);
  expect(document.body.textContent).toContain("Cannot remove last organization admin");
});

test("other users read who sees the page, and no list is requested", async () => {
  user = { isSignedIn: true, login: "eve", orgRole: "Editor" };
  await page.draw(<UsersPage />, "/admin/users");
  await page.until(() => expect(document.body.textContent).toContain("You may not use this page"));
  expect(requests.filter((request) => request.includes("/users?"))).toEqual([]);
  expect(page.all("table")).toEqual([]);
});
