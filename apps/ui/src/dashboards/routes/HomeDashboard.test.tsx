import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import { askEarly } from "../data/fitted-span.ts";
import HomeDashboard from "./HomeDashboard.tsx";

vi.mock("../data/fitted-span.ts", async (original) => ({ ...(await original<object>()), askEarly: vi.fn() }));

let page: DrawnPage;
beforeEach(() => {
  localStorage.clear();
  page = new DrawnPage();
  vi.stubGlobal("fetch", async () => Response.json({ sources: [], kinds: [] }));
});
afterEach(() => page.close());

test("the age of the data is asked once, before the home dashboard is rendered", async () => {
  const json = { uid: "d", title: "Hosts", schemaVersion: 43, panels: [] };
  await page.draw(<HomeDashboard dashboard={json} tools={null} />);
  await page.until(() => expect(page.all("[data-dashboard-uid]")).toHaveLength(1));
  expect(askEarly).toHaveBeenCalledOnce();
});
