import { readDashboard } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OpenDashboard } from "../../page/OpenDashboard.tsx";
import { answerPanels } from "../../testing/answer-panels.ts";
import { testSource } from "../../testing/test-source.ts";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { PanelCard } from "../PanelCard.tsx";

let page: DrawnPage;
let requests: string[];
beforeEach(() => {
  localStorage.clear();
  page = new DrawnPage();
  requests = [];
  vi.stubGlobal("fetch", async (url: string, { body }: RequestInit = {}) => {
    if (url.endsWith("/panels/query")) return answerPanels(body as string, () => ({ status: 200, frames: [] }));
    requests.push(url);
    return Response.json({ status: "success", data: { reason: "No series has the label mod." } });
  });
});
afterEach(() => page.close());

/** Opens a panel with a query whose result is empty. */
async function open(expr: string, more: object = {}): Promise<void> {
  const { dashboard } = await readDashboard({
    uid: "d",
    schemaVersion: 43,
    time: { from: "2026-01-01T00:00:00Z", to: "2026-01-01T01:00:00Z" },
    panels: [{ id: 1, type: "timeseries", targets: [{ refId: "A", expr }], ...more }],
    templating: { list: [{ name: "job", type: "custom", query: "a", current: { value: "a", text: "a" } }] },
  });
  const card = <PanelCard panel={dashboard.panels[0]!} scoped={new Map()} width={400} height={300} isVisible />;
  await page.draw(
    <OpenDashboard
      dashboard={dashboard}
      meta={{}}
      sources={[testSource({ uid: "p", isDefault: true })]}
      surface={card}
    />,
  );
  await page.until(() => expect(panel().dataset["panelState"]).toBe("empty"));
}

const panel = (): HTMLElement => page.all("[data-panel-id='1']")[0]!;

test("a panel without data says which variables are not defined", async () => {
  await open('up{job="$job", instance="$instance"}');
  await page.until(() => expect(panel().textContent).toContain("$instance is not defined."));
});

test("a panel without data asks the data source for the reason, with variables replaced", async () => {
  await open('rate(up{job="$job"}[$__rate_interval])');
  await page.until(() => page.find("button", "Why is it empty?"));
  await page.click(page.find("button", "Why is it empty?"));
  await page.until(() => expect(panel().textContent).toContain("No series has the label mod."));
  const url = new URL(
    requests.find((one) => one.includes("explain"))!,
    "http://x",
  );
  expect(url.pathname).toBe("/api/datasources/proxy/uid/p/api/v1/narthex/explain");
  expect(Object.fromEntries(url.searchParams)).toEqual({
    query: 'rate(up{job="a"}[5m])',
    start: "1767225600",
    end: "1767229200",
    step: "15",
    analyze: "true",
  });
});

test("a panel with its own text for no data asks nothing", async () => {
  await open("up", { fieldConfig: { defaults: { noValue: "All good" }, overrides: [] } });
  await page.settle();
  expect(panel().textContent).toBe("All good");
});
