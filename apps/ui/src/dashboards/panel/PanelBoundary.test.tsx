import { type Dashboard, readDashboard } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DashboardAnnotation } from "../contracts/dashboard-annotation.ts";
import { type DashboardContextValue, DashboardContext, useDashboardContext } from "../data/dashboard-context.ts";
import { noData } from "../data/panel-data.ts";
import { OpenDashboard } from "../page/OpenDashboard.tsx";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import { PanelCard } from "./PanelCard.tsx";

let page: DrawnPage;
beforeEach(() => {
  localStorage.clear();
  page = new DrawnPage();
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(async () => {
  await page.close();
  vi.restoreAllMocks();
});

const fail = (): never => {
  throw new RangeError("Invalid array length");
};

/** Renders panel 1 normally, and panel 2 with faulty values in its dashboard context. */
function Panels({ dashboard, faults }: { dashboard: Dashboard; faults: Partial<DashboardContextValue> }) {
  const context = useDashboardContext();
  return dashboard.panels.map((panel, at) => (
    <DashboardContext key={panel.id} value={at === 0 ? context : { ...context, ...faults }}>
      <PanelCard panel={panel} scoped={new Map()} width={300} height={200} isVisible />
    </DashboardContext>
  ));
}

async function draw(faults: Partial<DashboardContextValue>, last: object = {}): Promise<void> {
  const text = { type: "text", options: { mode: "code", content: "as ever" } };
  const panels = [
    { id: 1, title: "Sound", ...text },
    { id: 2, title: "Broken", ...text, ...last },
  ];
  const { dashboard } = await readDashboard({ uid: "d", schemaVersion: 43, panels });
  await page.draw(
    <OpenDashboard
      dashboard={{ ...dashboard, panels: [] }}
      meta={{}}
      sources={[]}
      surface={<Panels dashboard={dashboard} faults={faults} />}
    />,
  );
  await page.until(() => expect(page.find("section", "Sound").textContent).toContain("as ever"));
}

class PanelFeedsThatFail {
  of(): object {
    return { data: () => noData, watch: () => () => undefined, own: fail };
  }
}

const brokenMark = new Proxy({} as DashboardAnnotation, { get: fail });

test.each<[part: string, faults: Partial<DashboardContextValue>]>([
  ["the names in its head", { lookupFor: fail }],
  ["its marks", { annotations: [brokenMark] }],
  ["the looks of its values", { theme: new Proxy({} as DashboardContextValue["theme"], { get: fail }) }],
  ["an effect", { feeds: new PanelFeedsThatFail() as unknown as DashboardContextValue["feeds"] }],
])("a panel that fails in %s shows an error in its place, and the other panels stay", async (_, faults) => {
  await draw(faults, { type: "table" });
  const broken = page.find("section", "Broken");
  expect(broken.dataset).toMatchObject({ panelId: "2", panelState: "error" });
  expect(broken.textContent).toContain("Broken");
  expect(broken.textContent).toContain("This panel cannot be shown");
  expect(broken.textContent).toContain("Invalid array length");
  expect([broken.style.width, broken.style.height]).toEqual(["300px", "200px"]);
});

test("a failed panel is drawn again after a retry and with the next refresh", async () => {
  let isBroken = true;
  const failNow = (): void => {
    if (isBroken) fail();
  };
  const lookupFor = (): (() => undefined) => {
    failNow();
    return () => undefined;
  };
  await draw({ lookupFor });
  const broken = () => page.find("section", "Broken");
  isBroken = false;
  await page.click(page.find("button", "Try again"));
  expect(broken().textContent).toContain("as ever");
  isBroken = true;
  await page.click(page.find("button", "Refresh now"));
  await page.until(() => expect(broken().dataset["panelState"]).toBe("error"));
  isBroken = false;
  await page.click(page.find("button", "Refresh now"));
  await page.until(() => expect(broken().textContent).toContain("as ever"));
});
