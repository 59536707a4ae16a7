import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import DashboardPage from "./DashboardPage.tsx";

let page: DrawnPage;
/** The fake server's responses in order. The last one is repeated. */
let answers: (() => Response)[];
let requestCount: number;

const DASHBOARD = { dashboard: { uid: "d", title: "Hosts", schemaVersion: 43, panels: [] }, meta: {} };

beforeEach(() => {
  localStorage.clear();
  page = new DrawnPage();
  requestCount = 0;
  vi.stubGlobal("fetch", async (url: string) => {
    if (!url.includes("/api/dashboards/uid/")) return Response.json({ sources: [], kinds: [] });
    requestCount++;
    return (answers.length > 1 ? answers.shift()! : answers[0]!)();
  });
});
afterEach(() => page.close());

const fails = (status: number) => () => Response.json({ message: `status ${status}` }, { status });
const unavailable = (): Response => {
  throw new TypeError("Failed to fetch");
};
const open = (): Promise<void> => page.draw(<DashboardPage />, "/d/d", "/d/:uid");
const state = (): string | undefined => page.all("[data-dashboard-uid]")[0]?.dataset["state"];

test("a dashboard opens without a reload when its server responds again", async () => {
  answers = [unavailable, fails(502), () => Response.json(DASHBOARD)];
  await open();
  expect(document.body.textContent).toContain("The dashboard could not be loaded yet; the page retries automatically");
  expect(document.body.textContent).toContain("did not respond");
  await page.until(() => expect(document.body.textContent).toContain("status 502"));
  await page.until(() => expect(state()).toBe("ready"));
  expect(requestCount).toBe(3);
});

test("a refused request shows its error and is not repeated", async () => {
  answers = [fails(404)];
  await open();
  expect(document.body.textContent).toContain("status 404");
  expect(document.body.textContent).not.toContain("retries automatically");
  await page.settle();
  expect(requestCount).toBe(1);
});
