import { Route, Routes } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SearchHit } from "../data/dashboard-api.ts";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import DashboardListPage from "./DashboardListPage.tsx";
import HomePage from "./HomePage.tsx";
import { storeRecentDashboard } from "../data/recent-dashboards.ts";

const dash = (title: string, more: Partial<SearchHit> = {}): SearchHit => ({
  uid: title,
  title,
  url: `/d/${title}/x`,
  type: "dash-db",
  tags: [],
  isStarred: false,
  ...more,
});
const some = [
  dash("folder", { type: "dash-folder" }),
  dash("node", { folderUid: "folder", folderTitle: "folder", tags: ["linux"] }),
  dash("api", { isStarred: true }),
];

let page: DrawnPage;
let hits: readonly SearchHit[];
let refusesStars: boolean;
let orgRole: string;
let home: object;
const requests: string[] = [];

beforeEach(() => {
  localStorage.clear();
  requests.length = 0;
  hits = some;
  refusesStars = false;
  orgRole = "Viewer";
  page = new DrawnPage();
  home = { dashboard: { title: "Home", panels: [] } };
  vi.stubGlobal("fetch", async (url: string, { method }: RequestInit) => {
    if (url.includes("/api/frontend/settings")) return Response.json({ user: { orgRole } });
    if (url.includes("/api/dashboards/home")) return Response.json(home);
    requests.push(`${method} ${url}`);
    if (!url.includes("/api/user/stars/")) return Response.json(hits);
    return refusesStars ? Response.json({ message: "No stars for you" }, { status: 403 }) : Response.json({});
  });
});
afterEach(async () => {
  await page.close();
  vi.restoreAllMocks();
});

const titles = () => page.all("[role=listitem] a").map(({ textContent }) => textContent);

test("dashboards are listed in their folders, which open and close", async () => {
  await page.draw(<DashboardListPage />);
  await page.until(() => expect(page.all("[role=listitem]")).toHaveLength(3));
  expect(titles()).toEqual(["node", "api"]);
  expect(page.all<HTMLAnchorElement>("[role=listitem] a")[0]?.getAttribute("href")).toBe("/d/node/x");
  const folder = page.find("button", "folder");
  expect(folder.getAttribute("aria-expanded")).toBe("true");
  await page.click(folder);
  expect(titles()).toEqual(["api"]);
});

test("text, tags and stars in the address filter the list", async () => {
  await page.draw(<DashboardListPage />, "/dashboards?query=NOD");
  await page.until(() => expect(titles()).toEqual(["node"]));
  await page.click(page.find("button", "linux (1)"));
  expect(page.find("button", /linux \(1\)/).getAttribute("aria-pressed")).toBe("true");
  expect(titles()).toEqual(["node"]);
  expect(document.body.textContent).toContain("1 of 2 dashboards");
  expect(requests).toHaveLength(1);
});

test("editors can add dashboards and change folders, viewers cannot", async () => {
  const words = () => page.all("button").map((button) => button.getAttribute("aria-label") ?? button.textContent);
  await page.draw(<DashboardListPage />);
  await page.until(() => expect(titles()).toEqual(["node", "api"]));
  expect(words()).not.toContain("New");
  await page.close();
  orgRole = "Editor";
  page = new DrawnPage();
  vi.stubGlobal("fetch", async (url: string) =>
    Response.json(url.includes("/api/frontend/settings") ? { user: { orgRole } } : hits),
  );
  await page.draw(<DashboardListPage />);
  await page.until(() => expect(words()).toContain("New"));
  await page.click(page.find("button", "Actions of folder folder"));
  expect(page.all("[role=menuitem]").map(({ textContent }) => textContent)).toEqual(["Rename or move…", "Delete…"]);
});

test("a signed-in viewer gets links to the permissions of own folders, with one request more", async () => {
  vi.stubGlobal("fetch", async (url: string) => {
    const { pathname } = new URL(url, "http://x");
    if (pathname === "/api/frontend/settings")
      return Response.json({ user: { isSignedIn: true, login: "eve", orgRole: "Viewer" } });
    requests.push(pathname);
    return Response.json(pathname === "/api/narthex/permissions" ? { folders: [{ uid: "folder" }] } : hits);
  });
  await page.draw(<DashboardListPage />);
  await page.until(() => expect(page.all("button[aria-label='Actions of folder folder']")).toHaveLength(1));
  await page.click(page.find("button", "Actions of folder folder"));
  expect(page.all("[role=menuitem]").map(({ textContent }) => textContent)).toEqual(["Permissions"]);
  expect(requests.toSorted()).toEqual(["/api/narthex/permissions", "/api/search"]);
});

test("a search without results shows a message", async () => {
  await page.draw(<DashboardListPage />, "/dashboards?query=nothing");
  await page.until(() => expect(document.body.textContent).toContain("No dashboard matches the search"));
});

test("a star is shown at once, and removed again if the server refuses it", async () => {
  await page.draw(<DashboardListPage />);
  const hasStar = (title: string) => page.find("button", `Star ${title}`).getAttribute("aria-pressed");
  await page.until(() => expect(hasStar("node")).toBe("false"));
  await page.click(page.find("button", "Star node"));
  await page.until(() => expect(hasStar("node")).toBe("true"));
  await page.click(page.find("button", "Star api"));
  await page.until(() => expect(hasStar("api")).toBe("false"));
  expect(requests.slice(1)).toEqual([
    "POST /api/user/stars/dashboard/uid/node",
    "DELETE /api/user/stars/dashboard/uid/api",
  ]);
  refusesStars = true;
  await page.click(page.find("button", "Star node"));
  await page.until(() => expect(requests).toHaveLength(4));
  await page.until(() => expect(hasStar("node")).toBe("true"));
});

test("of thousands of dashboards only a few are in the document", async () => {
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(45);
  hits = Array.from({ length: 3000 }, (_, at) => dash(`dash ${at}`));
  await page.draw(<DashboardListPage />);
  await page.until(() => expect(page.all("[role=list] [aria-hidden]").length).toBeGreaterThan(0));
  expect(page.all("[role=listitem]").length).toBeGreaterThan(0);
  expect(page.all("[role=listitem]").length).toBeLessThan(100);
  expect(document.body.textContent).toContain("3000 dashboards");
});

test("without dashboards, the page explains how to add them", async () => {
  hits = [];
  await page.draw(<DashboardListPage />);
  await page.until(() => expect(document.body.textContent).toContain("There are no dashboards yet"));
  page.find("a", "Import a dashboard");
});

test("the start page opens the preferred dashboard", async () => {
  home = { redirectUri: "/d/node/x" };
  await page.draw(
    <Routes>
      <Route path="/" element={<HomePage />} />
      <Route path="/d/:uid/:slug" element={<p>the dashboard</p>} />
    </Routes>,
  );
  await page.until(() => expect(document.body.textContent).toContain("the dashboard"));
});

test("the start page shows favourites and recently opened dashboards", async () => {
  storeRecentDashboard("gone");
  storeRecentDashboard("node");
  await page.draw(<HomePage />);
  const listed = (name: string) =>
    Array.from(page.find("[role=list]", name).querySelectorAll("a"), ({ textContent }) => textContent);
  await page.until(() => expect(listed("Starred dashboards")).toEqual(["api"]));
  expect(listed("Recently viewed")).toEqual(["node"]);
});
