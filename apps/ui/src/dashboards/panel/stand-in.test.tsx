import { type Panel, readSource } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import { drawingKind, useDrawnPanel } from "./stand-in.ts";
import { StandInBar, UnknownKind } from "./UnknownKind.tsx";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
  // A server without plugins.
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ plugins: [], reloads: false })));
});
afterEach(async () => {
  await page.close();
  vi.unstubAllGlobals();
});

const panelOf = (json: object): Panel =>
  readSource({ panels: [{ id: 1, targets: [{ refId: "A", expr: "up" }], ...json }] }).dashboard.panels[0]!;

function Shown({ panel }: { panel: Panel }) {
  const drawn = useDrawnPanel(panel);
  return (
    <output data-type={drawn.type} data-options={JSON.stringify(drawn.options)} data-targets={drawn.targets.length}>
      {drawn === panel ? <UnknownKind panel={panel} /> : <StandInBar panel={panel} drawn={drawn} />}
    </output>
  );
}
const drawnAs = (): DOMStringMap => page.all("output")[0]!.dataset;

test("a panel of an unsupported kind is shown with the selected stand-in kind, and its JSON does not change", async () => {
  const panel = panelOf({ type: "canvas", options: { view: 1 } });
  const before = JSON.stringify(panel);
  await page.draw(<Shown panel={panel} />);
  expect(drawnAs()["type"]).toBe("canvas");
  await page.click(page.find("button", "Show as table"));
  expect(drawnAs()).toMatchObject({ type: "table", options: "{}", targets: "1" });
  await page.click(page.find("button", "series"));
  expect(drawnAs()["type"]).toBe("timeseries");
  expect(page.find("button", "series").getAttribute("aria-pressed")).toBe("true");
  // The selected substitute type survives remounting, because it belongs to the panel's JSON object. A panel with
  // another JSON object does not get it.
  await page.draw(<Shown key="anew" panel={panel} />);
  expect(drawnAs()["type"]).toBe("timeseries");
  await page.draw(<Shown panel={panelOf({ type: "canvas" })} />);
  expect(drawnAs()["type"]).toBe("canvas");
  await page.draw(<Shown panel={panel} />);
  await page.click(page.find("button", "Hide"));
  expect(drawnAs()["type"]).toBe("canvas");
  expect(JSON.stringify(panel)).toBe(before);
});

test("a panel without queries offers no stand-in kinds", async () => {
  await page.draw(<UnknownKind panel={panelOf({ type: "news", targets: [] })} />);
  expect(page.all("button")).toEqual([]);
  expect(page.all("p")[0]!.textContent).toContain("“news”");
});

test.each([{}, { type: "library-panel-ref" }])(
  "the message names a library panel that is not part of the dashboard: %j",
  async (type) => {
    const panel = panelOf({ ...type, libraryPanel: { uid: "l1", name: "Load" } });
    expect(drawingKind(panel)).toBeUndefined();
    await page.draw(<UnknownKind panel={panel} />);
    expect(page.all("p")[0]!.textContent).toContain("library panel “Load”");
    expect(drawingKind(panelOf({ type: "stat", libraryPanel: { uid: "l1", name: "Load" } }))?.id).toBe("stat");
  },
);
