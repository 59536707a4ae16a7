import { readDashboard } from "@narthex/dashboards";
import { useLocation } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OpenDashboard } from "../../page/OpenDashboard.tsx";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { testSource } from "../../testing/test-source.ts";
import { useZoomNote } from "./use-zoom-note.tsx";

let page: DrawnPage;
beforeEach(() => {
  localStorage.clear();
  vi.stubGlobal("fetch", async () => Response.json({}));
  page = new DrawnPage();
});
afterEach(() => page.close());

const target = { refId: "A", expr: "rate(requests_total[5m])", datasource: { type: "prometheus", uid: "main" } };
const model = { uid: "d", schemaVersion: 43, panels: [{ id: 7, type: "timeseries", targets: [target] }] };
const { dashboard } = await readDashboard(model);
const noScope = new Map();

function Zoomable() {
  const { onZoom, note } = useZoomNote(dashboard.panels[0]!, noScope);
  return (
    <>
      <output>{useLocation().search}</output>
      <button onClick={() => onZoom({ from: 1000, to: 61_000 })}>Drag</button>
      {note}
    </>
  );
}

const draw = (search: string): Promise<void> =>
  page.draw(
    <OpenDashboard
      dashboard={{ ...dashboard, panels: [] }}
      meta={{}}
      sources={[testSource({ uid: "main", type: "prometheus" })]}
      surface={<Zoomable />}
    />,
    `/d/d${search}`,
  );
const shown = (): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(page.all("output")[0]?.textContent ?? ""));
const drag = async (): Promise<void> => {
  await page.click(page.find("button", "Drag"));
  await page.until(() => page.find("[role=group]", /^Zoomed to/));
};

test("a zoom takes effect at once, and its note leads to what changed in the selected times", async () => {
  await draw("?from=now-1h&to=now&var-a=b");
  await drag();
  expect(shown()).toEqual({ from: "1000", to: "61000", "var-a": "b" });
  const link = new URL(page.find<HTMLAnchorElement>("a", "What changed?").href);
  expect(link.pathname).toBe("/dashboard/what-changed");
  expect(Object.fromEntries(link.searchParams)).toMatchObject({
    source: "main",
    expr: "rate(requests_total[5m])",
    from: "1000",
    to: "61000",
  });
});

test.each(["?from=now-1h&to=now&var-a=b", "?var-a=b"])("Undo restores the range of the address %s", async (search) => {
  await draw(search);
  const before = shown();
  await drag();
  await page.click(page.find("button", "Undo"));
  expect(shown()).toEqual(before);
  expect(page.all("[role=group]").some((one) => one.textContent.includes("Zoomed"))).toBe(false);
});
