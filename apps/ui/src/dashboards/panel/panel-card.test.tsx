import { readDashboard } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { noData } from "../data/panel-data.ts";
import { OpenDashboard } from "../page/OpenDashboard.tsx";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import { PanelView } from "./PanelCard.tsx";

let page: DrawnPage;
beforeEach(() => {
  localStorage.clear();
  vi.stubGlobal("fetch", async () => Response.json({}));
  page = new DrawnPage();
});
afterEach(() => page.close());

async function drawHeads(address: string): Promise<readonly (string | null)[]> {
  const kinds = ["timeseries", "heatmap", "text"];
  const panels = kinds.map((type, at) => ({ id: at + 1, type, title: type }));
  const { dashboard } = await readDashboard({ uid: "d", schemaVersion: 43, panels });
  const cards = dashboard.panels.map((panel) => (
    <PanelView
      key={panel.id}
      panel={panel}
      scoped={new Map()}
      width={300}
      height={200}
      isVisible={false}
      data={noData}
      state="loading"
    />
  ));
  await page.draw(
    <OpenDashboard dashboard={{ ...dashboard, panels: [] }} meta={{}} sources={[]} surface={cards} />,
    address,
  );
  return page.all("section[data-panel-id] header").map(({ textContent }) => textContent);
}

test.each([
  ["/d/d", "heatmap"],
  ["/d/d?compare=1d", "heatmapnot compared"],
])("only in a comparison, a panel that cannot show the earlier period says so: %s", async (address, head) => {
  expect(await drawHeads(address)).toEqual(["timeseries", head, "text"]);
});
