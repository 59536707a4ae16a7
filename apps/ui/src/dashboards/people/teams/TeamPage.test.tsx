import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import TeamPage from "./TeamPage.tsx";

let page: DrawnPage;
let team: object | undefined;
const changes: string[] = [];
/** Paths of the GET requests. */
const reads: string[] = [];

const member = (userId: number, login: string, permission: number): object => ({
  userId,
  login,
  name: "",
  email: "",
  permission,
});

beforeEach(async () => {
  changes.length = 0;
  reads.length = 0;
  page = new DrawnPage();
  vi.stubGlobal("fetch", async (url: string, { method = "GET", body = "" }: { method?: string; body?: string }) => {
    const { pathname } = new URL(url, "http://x");
    if (pathname === "/api/frontend/settings")
      return Response.json({ user: { isSignedIn: true, login: "eve", orgRole: "Viewer" } });
    if (method !== "GET") {
      changes.push(`${method} ${pathname} ${body}`);
      return Response.json({});
    }
    reads.push(pathname);
    if (pathname === "/api/narthex/permissions")
      return Response.json({ folders: [], dataSources: [], serviceAccounts: [] });
    if (pathname === "/api/narthex/deleted") return Response.json({ dashboards: [], folders: [] });
    if (pathname.endsWith("/subjects")) return Response.json({ users: [], teams: [], serviceAccounts: [] });
    if (!pathname.startsWith("/api/teams/")) return Response.json([]);
    if (team === undefined) return Response.json({ message: "Permissions needed: teams:read" }, { status: 403 });
    return Response.json(pathname.endsWith("/members") ? [member(2, "eve", 4), member(3, "bob", 0)] : team);
  });
});
afterEach(() => page.close());

const draw = async (): Promise<void> => {
  await page.draw(<TeamPage />, "/org/teams/edit/t", "/org/teams/edit/:uid");
  await page.settle();
};

test("an admin of a team changes the levels of its members and removes them", async () => {
  team = { id: 5, uid: "t", name: "Operations", email: "", memberCount: 2, permission: 4 };
  await draw();
  await page.until(() => expect(document.querySelector("h1")?.textContent).toBe("Team Operations"));
  await page.type(page.find<HTMLSelectElement>("select", "Level of bob"), "4");
  await page.click(page.find("button", "Remove bob"));
  await page.type(page.field("Name"), "Operations ");
  expect(page.find<HTMLButtonElement>("button", "Save").disabled).toBe(true);
  await page.type(page.field("Name"), " Night shift ");
  await page.click(page.find("button", "Save"));
  expect(changes).toEqual([
    'PUT /api/teams/5/members/3 {"permission":4}',
    "DELETE /api/teams/5/members/3 ",
    'PUT /api/teams/5 {"name":"Night shift","email":""}',
  ]);
});

test("other members see the team, and can change nothing", async () => {
  team = { id: 5, uid: "t", name: "Operations", email: "", memberCount: 2, permission: 0 };
  await draw();
  await page.until(() => expect(page.all("tbody tr")).toHaveLength(2));
  expect(reads.filter((path) => path === "/api/teams/t")).toHaveLength(1);
  expect(page.all("main select, form, [aria-label^=Remove]")).toEqual([]);
  expect(page.all("button").map(({ textContent }) => textContent)).not.toContain("Delete team");
});

test("a user who is not in the team reads the refusal of the server", async () => {
  team = undefined;
  await draw();
  await page.until(() => expect(document.body.textContent).toContain("Permissions needed: teams:read"));
  expect(page.all("table")).toEqual([]);
});
