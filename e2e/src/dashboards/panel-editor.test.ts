import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { axeFindings, axeSource } from "../support/axe.ts";
import { eventually } from "../support/eventually.ts";
import { lacks } from "../support/requirements.ts";
import { post, useStage } from "../support/stage.ts";

const absent = lacks("browser");

const panel = {
  id: 1,
  type: "stat",
  title: "Walk",
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  datasource: { type: "grafana-testdata-datasource", uid: "test" },
  targets: [{ refId: "A", scenarioId: "csv_metric_values", stringInput: "1,20,50", "x-target": true }],
  fieldConfig: { defaults: {}, overrides: [{ matcher: { id: "byName", options: "B" }, properties: [] }] },
  "x-own": { kept: [1] },
};

const stage = useStage(async (stage) => {
  const base = await stage.dashboards({
    sources: ["name: Test, type: grafana-testdata-datasource, uid: test, isDefault: true"],
  });
  for (const dashboard of [
    { uid: "edited", title: "Edited", schemaVersion: 41, panels: [panel] },
    { uid: "lines", title: "Lines", schemaVersion: 41, panels: [{ ...panel, type: "timeseries" }] },
  ])
    await post(base, "/api/dashboards/db", { dashboard });
  return base;
});

/** Returns the panel in the preview of the panel editor. */
const drawn = (page: Page) => page.getByRole("region", { name: "Preview" }).locator("[data-panel-id]");

const kindOf = (page: Page): Promise<string | null> => drawn(page).getAttribute("data-panel-type");

/** Types a text into the input field with this label, and presses Enter. */
async function write(page: Page, name: string, text: string): Promise<void> {
  const field = page.getByRole("textbox", { name, exact: true });
  await field.fill(text);
  await field.press("Enter");
}

test.skipIf(absent)(
  "a panel is edited with forms: each change is visible at once, can be undone, kept or discarded",
  async () => {
    const { page, errors } = await stage.open("/d/edited?editPanel=1");
    await drawn(page).getByText("50", { exact: true }).waitFor();

    await write(page, "Title", "Speed");
    await drawn(page).getByRole("heading", { name: "Speed" }).waitFor();

    await page.getByPlaceholder("Search options").fill("unit");
    await page.getByRole("button", { name: /^Unit:/ }).click();
    await page.getByRole("combobox", { name: "Search: Unit" }).fill("percent (0-100)");
    await page.keyboard.press("Enter");
    await drawn(page).getByText("50%").waitFor();

    await page.getByRole("button", { name: /^Visualization:/ }).click();
    await page.getByRole("button", { name: /^Bar gauge/ }).click();
    await eventually("it is of another kind", async () => expect(await kindOf(page)).toBe("bargauge"));
    await page.getByRole("button", { name: /^Undo/ }).click();
    await eventually("it is of its own kind again", async () => expect(await kindOf(page)).toBe("stat"));

    await write(page, "Values", "7,8,9");
    await drawn(page).getByText("9%").waitFor();

    await page.getByRole("tab", { name: "Transformations" }).click();
    await page.getByRole("button", { name: /^Add transformation/ }).click();
    await page.getByRole("combobox", { name: "Search: Add transformation" }).fill("first rows");
    await page.getByRole("option", { name: /^Limit/ }).click();
    await write(page, "Limit", "2");
    await drawn(page).getByText("8%").waitFor();

    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
    await eventually("the dashboard is saved", async () => {
      const stored = (await (await fetch(`${stage.base}/api/dashboards/uid/edited`)).json()) as {
        dashboard: { panels: (typeof panel)[] };
      };
      expect(stored.dashboard.panels[0]).toEqual({
        ...panel,
        title: "Speed",
        targets: [{ ...panel.targets[0], stringInput: "7,8,9" }],
        fieldConfig: { ...panel.fieldConfig, defaults: { unit: "percent" } },
        transformations: [{ id: "limit", options: { limitField: 2 } }],
      });
    });
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("after a discard the panel is unchanged", async () => {
  const { page, errors } = await stage.open("/d/edited?editPanel=1");
  await write(page, "Title", "Nothing");
  await drawn(page).getByRole("heading", { name: "Nothing" }).waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await eventually("the dashboard is there", async () => expect(page.url()).not.toContain("editPanel"));
  await page.getByRole("region", { name: "Nothing" }).waitFor({ state: "detached" });
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "on a screen of 900 pixels the query is visible, and the preview stays below the header",
  async () => {
    const { page, errors } = await stage.open("/d/edited?editPanel=1");
    await page.setViewportSize({ width: 1400, height: 900 });
    const query = (await page.getByRole("textbox", { name: "Values", exact: true }).boundingBox())!;
    expect(query.y + query.height).toBeLessThanOrEqual(900);
    // While a panel is edited, only "Apply" is filled.
    const saving = page.getByRole("button", { name: "Save", exact: true });
    expect(await saving.getAttribute("data-variant")).toBe("default");
    const header = (await page.getByRole("banner").boundingBox())!;
    await page.mouse.move(600, 700);
    await page.mouse.wheel(0, 300);
    await expect.poll(() => page.evaluate("scrollY")).toBeGreaterThan(200);
    const preview = (await drawn(page).boundingBox())!;
    expect(preview.y).toBeGreaterThanOrEqual(Math.floor(header.height) - 1);
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("the names of values of the legend are visible next to their descriptions", async () => {
  const { page, errors } = await stage.open("/d/lines?editPanel=1");
  await page.getByPlaceholder("Search options").fill("legend values");
  await page.getByRole("button", { name: /^Values:|^Legend values:/ }).click();
  const option = page.getByRole("option", { name: /^Last \*/ }).first();
  const name = (await option.getByText("Last *", { exact: true }).boundingBox())!;
  expect(name.width).toBeGreaterThan(40);
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent).each(["light", "dark"] as const)(
  "the forms of the editor are accessible, %s",
  async (colorScheme) => {
    const page = await stage.browser.newPage({ colorScheme });
    await page.addInitScript(axeSource());
    await page.goto(`${stage.base}/d/edited?editPanel=1`);
    await drawn(page).getByRole("heading").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole("tab", { name: /^Overrides/ }).click();
    await page.getByRole("tab", { name: /^Transformations/ }).click();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole("button", { name: /^Visualization:/ }).click();
    await page.getByRole("tab", { name: "Suggestions" }).click();
    expect(await axeFindings(page)).toEqual([]);
    await page.close();
  },
);
