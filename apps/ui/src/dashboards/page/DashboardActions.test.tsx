import { readDashboard } from "@narthex/dashboards";
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Notifications } from "../../shell/Notifications.tsx";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import { DashboardActions } from "./DashboardActions.tsx";
import { OpenDashboard } from "./OpenDashboard.tsx";

// The file is missing, as after an update of the server.
vi.mock("../panel/menu/page-address.ts", () => {
  throw new Error("The file is missing.");
});

let page: DrawnPage;
beforeEach(() => {
  localStorage.clear();
  vi.stubGlobal("fetch", async () => Response.json({}));
  page = new DrawnPage();
});
afterEach(() => page.close());

test.each(["x", "c"])("if the code behind the keys p %s cannot be loaded, the page says so", async (key) => {
  const { dashboard } = await readDashboard({ uid: "d", schemaVersion: 43, panels: [] });
  const panel = (
    <DashboardActions dashboard={dashboard} meta={{}} states={new Map()}>
      <div data-panel-key="7">
        <button>In the panel</button>
      </div>
    </DashboardActions>
  );
  await page.draw(
    <>
      <OpenDashboard dashboard={dashboard} meta={{}} sources={[]} surface={panel} />
      <Notifications />
    </>,
    "/d/d",
  );
  await act(async () => page.find("button", "In the panel").focus());
  await page.press("p");
  await page.press(key);
  await page.until(() => expect(document.body.textContent).toContain("The page was not opened"));
});
