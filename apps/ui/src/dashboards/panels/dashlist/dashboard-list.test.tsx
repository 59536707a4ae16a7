import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { storeRecentDashboard } from "../../data/recent-dashboards.ts";
import { hostedPanel, REFRESHED } from "../../testing/hosted-panel.tsx";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { dashboardList } from "./index.ts";

const hit = (uid: string, isStarred = false) => ({
  uid,
  title: `Title of ${uid}`,
  url: `/d/${uid}/title`,
  type: "dash-db",
  tags: ["linux"],
  isStarred,
  folderTitle: "Hosts",
});

let page: DrawnPage;
let found: readonly ReturnType<typeof hit>[];
const requests: string[] = [];

beforeEach(() => {
  localStorage.clear();
  requests.length = 0;
  found = [hit("b"), hit("a", true)];
  page = new DrawnPage();
  vi.stubGlobal("fetch", async (url: string, { method }: RequestInit) => {
    requests.push(`${method} ${url}`);
    return url.includes("/api/search") ? Response.json(found) : Response.json({ message: "done" });
  });
});
afterEach(() => page.close());

const links = (): readonly string[] => page.all("[role=listitem] a").map((link) => link.getAttribute("href") ?? "");

test("the request of a list has its variables replaced, and its links keep the dashboard's time range", async () => {
  const options = {
    showStarred: false,
    showSearch: true,
    keepTime: true,
    maxItems: 7,
    query: "$team",
    tags: ["$team", "linux"],
    folderUID: "hosts",
  };
  await page.draw(hostedPanel(dashboardList, options));
  expect(requests).toEqual([
    "GET /api/search?type=dash-db&limit=7&query=storage&tag=storage&tag=linux&folderUIDs=hosts",
  ]);
  await page.until(() => expect(links()).toEqual(["/d/b/title?from=now-1h&to=now", "/d/a/title?from=now-1h&to=now"]));
  expect(page.all("h3").map(({ textContent }) => textContent)).toEqual(["Search"]);
  expect(page.all("[role=listitem]")[0]?.textContent).toBe("Title of bHosts");
});

test("recently opened dashboards are listed newest first, up to the limit of the options", async () => {
  for (const uid of ["gone", "a", "b"]) storeRecentDashboard(uid);
  await page.draw(
    hostedPanel(dashboardList, { showStarred: false, showRecentlyViewed: true, showHeadings: false, maxItems: 2 }),
  );
  expect(requests).toEqual(["GET /api/search?type=dash-db&dashboardUIDs=b%2Ca%2Cgone"]);
  await page.until(() => expect(links()).toEqual(["/d/b/title", "/d/a/title"]));
  expect(page.all("h3")).toEqual([]);
});

test("starred dashboards are requested at each refresh, and lose their star at once", async () => {
  await page.draw(hostedPanel(dashboardList, {}));
  await page.until(() => expect(links()).toHaveLength(2));
  await page.draw(hostedPanel(dashboardList, {}, { now: REFRESHED + 5000 }));
  await page.until(() => expect(requests).toHaveLength(2));
  await page.settle();
  expect(requests).toEqual(Array.from({ length: 2 }, () => "GET /api/search?type=dash-db&starred=true&limit=10"));
  const star = page.find("button", "Star Title of a");
  expect(star.getAttribute("aria-pressed")).toBe("true");
  await page.click(star);
  await page.until(() => expect(star.getAttribute("aria-pressed")).toBe("false"));
  await page.until(() => expect(requests.at(-1)).toBe("DELETE /api/user/stars/dashboard/uid/a"));
});

test("an empty list shows a message, and a refused request shows the error", async () => {
  found = [];
  await page.draw(hostedPanel(dashboardList, {}));
  await page.until(() =>
    expect(page.all("section")[0]?.textContent).toBe("Starred dashboardsDashboards that you star appear here."),
  );
  await page.draw(hostedPanel(dashboardList, { showStarred: false }));
  expect(page.all("[role=region]")[0]?.textContent).toMatch(/options which dashboards/);
  vi.stubGlobal("fetch", async () => Response.json({ message: "not for you" }, { status: 403 }));
  await page.draw(hostedPanel(dashboardList, { showStarred: false, showSearch: true, query: "x" }));
  await page.until(() => expect(page.all("section")[0]?.textContent).toBe("Searchnot for you"));
});
