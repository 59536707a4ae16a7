import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { firstVisit, remoteHost } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { pressUntil } from "../support/press-until.ts";
import { lacks } from "../support/requirements.ts";
import { useStage } from "../support/stage.ts";
import { eventually } from "../support/eventually.ts";

const absent = lacks("browser");

const stage = useStage(async (stage) => {
  const nobody = `type: prometheus, url: 'http://127.0.0.1:${await freePort()}'`;
  return stage.dashboards({
    sources: [`name: Main, uid: main, isDefault: true, ${nobody}`, `name: Other, uid: other, ${nobody}`],
  });
});

interface Stored {
  readonly dashboard: {
    readonly title: string;
    readonly version: number;
    readonly time?: { readonly from: string; readonly to: string };
    readonly timezone?: string;
    readonly panels: ReadonlyArray<{
      readonly id: number;
      readonly title: string;
      readonly datasource?: { readonly uid: string };
      readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    }>;
  };
}

const stored = async (uid: string): Promise<Stored["dashboard"]> => {
  const response = await fetch(`${stage.base}/api/dashboards/uid/${uid}`);
  return ((await response.json()) as Stored).dashboard;
};

async function save(dashboard: object): Promise<void> {
  const response = await fetch(`${stage.base}/api/dashboards/db`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ dashboard, overwrite: true }),
  });
  expect(response.status).toBe(200);
}

const text = (id: number, x: number, title: string): object => ({
  id,
  type: "text",
  title,
  gridPos: { x, y: 0, w: 8, h: 6 },
  options: { mode: "markdown", content: title },
  "x-unknown": id,
});

const tabTo = (page: Page, name: string): Promise<void> => pressUntil(page, "Tab", name);

/** Chooses an entry of the open menu by the keyboard. */
async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole("menuitem", { name, exact: true }).waitFor();
  await pressUntil(page, "ArrowDown", name);
  await page.keyboard.press("Enter");
}

const region = (page: Page, name: string) => page.locator(`section[aria-label="${name}"]`);

test.skipIf(absent)("a dashboard can be created with the keyboard only, and exists after a reload", async () => {
  const { page, errors } = await stage.open("/dashboard/new");
  await page.getByRole("button", { name: "Add a panel" }).waitFor();
  await tabTo(page, "Add a panel");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Apply" }).waitFor();
  await tabTo(page, "Apply");
  await page.keyboard.press("Enter");
  await region(page, "New panel").waitFor();
  await tabTo(page, "Move New panel");
  await page.keyboard.press("ArrowRight");
  await page.getByText("New panel: column 2, line 1, 12 wide, 8 high.").waitFor();
  await page.keyboard.press("Shift+ArrowRight");
  await page.getByText("New panel: column 2, line 1, 13 wide, 8 high.").waitFor();
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+s");
  const title = page.getByRole("dialog").getByLabel("Title");
  await title.waitFor();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Made by keys");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/d\/[\w-]+\/made-by-keys/);
  await page.locator('[data-dashboard-uid][data-state="ready"]').waitFor();
  const uid = new URL(page.url()).pathname.split("/")[2]!;
  await page.reload();
  await region(page, "New panel").waitFor();
  const { title: kept, panels } = await stored(uid);
  expect([kept, panels[0]?.gridPos]).toEqual(["Made by keys", { w: 12, h: 8, x: 1, y: 0 }]);
  expect(errors).toEqual([]);
  await page.close();
});

/** Returns the titles of the dashboards that the server lists for a search. */
async function titles(query: string): Promise<readonly string[]> {
  const hits = (await (await fetch(`${stage.base}/api/search?query=${query}`)).json()) as readonly { title: string }[];
  return hits.map(({ title }) => title).toSorted();
}

test.skipIf(absent)(
  "four panels are added, and the dashboard is saved, duplicated, deleted and restored, by keys alone",
  async () => {
    const { page, errors } = await stage.open("/dashboard/new?from=now-15m&to=now&timezone=utc");
    const press = async (name: string): Promise<void> => {
      await tabTo(page, name);
      await page.keyboard.press("Enter");
    };
    await page.getByRole("button", { name: "Add a panel" }).waitFor();
    await press("Add a panel");
    for (let count = 1; count <= 4; count++) {
      await page.getByRole("button", { name: "Apply" }).waitFor();
      await press("Apply");
      await expect.poll(() => region(page, "New panel").count()).toBe(count);
      if (count === 4) break;
      await press("Add");
      await choose(page, "Panel");
    }
    await page.keyboard.press("Control+s");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Title").waitFor();
    expect(await dialog.getByLabel("Save the current time range and time zone").isChecked()).toBe(true);
    await page.keyboard.press("Control+a");
    await page.keyboard.type("Keyed");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/d\/[\w-]+\/keyed/);
    const uid = new URL(page.url()).pathname.split("/")[2]!;
    const saved = await stored(uid);
    expect(saved.panels).toHaveLength(4);
    const blank = { refId: "A", legendFormat: "__auto", editorMode: "builder" };
    expect(saved.panels[3]).toMatchObject({ targets: [blank] });
    // The first save keeps the chosen time range and time zone.
    expect(saved).toMatchObject({ time: { from: "now-15m", to: "now" }, timezone: "utc" });

    await page.goto(`${stage.base}/dashboards`);
    await page.getByRole("button", { name: "Actions of Keyed", exact: true }).waitFor();
    await press("Actions of Keyed");
    await choose(page, "Duplicate");
    await page.getByRole("button", { name: "Actions of Keyed Copy" }).waitFor();
    expect(await titles("Keyed")).toEqual(["Keyed", "Keyed Copy"]);
    await press("Actions of Keyed Copy");
    await choose(page, "Delete…");
    await dialog.getByRole("button", { name: "Delete" }).waitFor();
    await tabTo(page, "Delete");
    await page.keyboard.press("Enter");
    await page.getByText("“Keyed Copy” was deleted").waitFor();
    expect(await titles("Keyed")).toEqual(["Keyed"]);
    await press("Undo");
    await page.getByText("“Keyed Copy” was restored").waitFor();
    expect(await titles("Keyed")).toEqual(["Keyed", "Keyed Copy"]);
    expect(errors).toEqual([]);
    await page.close();
  },
);

/** Returns the accessible name of the button or link that a click at the middle of an element hits; "" if none. */
async function hitAt(locator: Locator): Promise<string> {
  const { x, y, width, height } = (await locator.boundingBox())!;
  const hit = `document.elementFromPoint(${x + width / 2}, ${y + height / 2})?.closest("button, a")`;
  return locator.page().evaluate<string>(`(${hit}?.getAttribute("aria-label") ?? ${hit}?.textContent ?? "").trim()`);
}

test.skipIf(absent)(
  "the message after a save covers neither the buttons of a dashboard nor those of a dialog",
  async () => {
    await save({ uid: "hit", title: "Hit", schemaVersion: 43, panels: [text(1, 0, "One")] });
    const { page, errors } = await stage.open("/d/hit");
    await page.setViewportSize({ width: 1400, height: 900 });
    await retitle(page, "Hit again");
    await page.getByText("Dashboard saved").waitFor();
    await page.getByRole("button", { name: "Edit", exact: true }).waitFor();
    const share = page.getByRole("link", { name: "Share" });
    expect(await hitAt(page.getByRole("button", { name: "Edit", exact: true }))).toBe("Edit");
    expect(await hitAt(page.getByRole("button", { name: "More actions" }))).toBe("More actions");
    expect(await hitAt(share)).toBe("Share");
    await share.click();
    const close = page.getByRole("dialog").getByRole("button", { name: "Close" });
    await expect.poll(() => hitAt(close)).toBe("Close");
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)(
  "a changed time range alone can be saved, a copy is saved from the menu, and settings have a way back",
  async () => {
    await save({ uid: "range", title: "Range", schemaVersion: 43, time: { from: "now-6h", to: "now" }, panels: [] });
    const { page, errors } = await stage.open("/d/range?from=now-5m&to=now");
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("checkbox", { name: "Save the current time range and time zone", checked: true }).waitFor();
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Edit", exact: true }).waitFor();
    expect(await stored("range")).toMatchObject({ time: { from: "now-5m", to: "now" } });

    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await page.getByLabel("Title").waitFor();
    await page.getByRole("button", { name: "Back to the dashboard" }).focus();
    await page.keyboard.press("Escape");
    await page.getByLabel("Title").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Exit edit" }).click();

    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Save as…" }).click();
    await dialog.getByLabel("Title").fill("Range of mine");
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/range-of-mine/);
    expect(errors).toEqual([]);
    await page.close();
  },
);

/** Maximum bytes of scripts and styles that a first visit of the panel editor may transfer, compressed with gzip. */
const MAX_EDITOR_BYTES = 615_000;

test.skipIf(absent)(
  "a first visit of the panel editor loads no more than today, with the editor of PromQL",
  async () => {
    const panel = {
      id: 1,
      type: "timeseries",
      title: "Up",
      gridPos: { x: 0, y: 0, w: 12, h: 8 },
      datasource: { type: "prometheus", uid: "main" },
      targets: [{ refId: "A", expr: "up" }],
    };
    await save({ uid: "code", title: "Code", schemaVersion: 43, panels: [panel] });
    const address = `${stage.base.replace("127.0.0.1", remoteHost)}/d/code?editPanel=1`;
    const visit = await firstVisit(stage.browser, address, (page) =>
      page.getByRole("region", { name: "Query A" }).locator(".cm-content").waitFor(),
    );
    expect(visit.fileBytes).toBeGreaterThan(300_000);
    expect(visit.fileBytes).toBeLessThanOrEqual(MAX_EDITOR_BYTES);
  },
);

/** Resolves with the unsaved dashboard changes in the browser's storage, as JSON. */
const keptDrafts = (page: Page): Promise<string> =>
  page.evaluate<string>(`new Promise((resolve, reject) => {
    const opening = indexedDB.open("narthex-drafts");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction("drafts").objectStore("drafts").getAll();
      reading.onerror = () => reject(reading.error);
      reading.onsuccess = () => {
        opening.result.close();
        resolve(JSON.stringify(reading.result));
      };
    };
  })`);

test.skipIf(absent)("steps can be undone, and unsaved changes are there at the next visit", async () => {
  await save({ uid: "steps", title: "Steps", schemaVersion: 43, panels: [text(1, 0, "One"), text(2, 8, "Two")] });
  const { page, errors } = await stage.open("/d/steps");
  page.on("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "More for Two" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await region(page, "Two").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo: Remove Two" }).click();
  await region(page, "Two").waitFor();
  const hold = (await page.getByRole("button", { name: "Move One" }).boundingBox())!;
  await page.mouse.move(hold.x + 5, hold.y + 5);
  await page.mouse.down();
  await page.mouse.move(hold.x + 205, hold.y + 5, { steps: 4 });
  await page.mouse.move(hold.x + 905, hold.y + 5, { steps: 4 });
  await page.mouse.up();
  await page.getByRole("button", { name: "Undo: Move One" }).waitFor();
  // Waits until the browser has stored the moved panel. Otherwise, leaving the page would lose the move.
  await eventually("the move is kept", async () => expect(await keptDrafts(page)).toMatch(/"x":[1-9]/));
  await page.reload();
  await page.getByText("There are unsaved changes").waitFor();
  await page.getByRole("button", { name: "Continue editing" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("tab", { name: /^Changes/ }).click();
  await page.getByText("gridPos.x").waitFor();
  await page.getByRole("tab", { name: "Details" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: "Edit", exact: true }).waitFor();
  const { version, panels } = await stored("steps");
  expect(version).toBe(2);
  expect(panels[0]).toMatchObject({ "x-unknown": 1, gridPos: { x: 16 } });
  expect(errors).toEqual([]);
  await page.close();
});

/** Changes the title of a dashboard in its settings. */
async function retitle(page: Page, title: string): Promise<void> {
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await page.getByLabel("Title").fill(title);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
}

test.skipIf(absent)(
  "if two users save at the same time, the second is asked, and an earlier version can be restored",
  async () => {
    await save({ uid: "both", title: "Both", schemaVersion: 43, panels: [text(1, 0, "One")] });
    const first = await stage.open("/d/both");
    const second = await stage.open("/d/both");
    await retitle(first.page, "Of the first");
    await first.page.getByRole("heading", { name: "Of the first" }).waitFor();
    await first.page.getByRole("button", { name: "Edit", exact: true }).waitFor();
    await retitle(second.page, "Of the second");
    const dialog = second.page.getByRole("dialog", { name: "Another user has saved this dashboard" });
    await dialog.getByRole("button", { name: "Show the differences" }).click();
    await dialog.getByText('"Of the first"').waitFor();
    expect((await stored("both")).title).toBe("Of the first");
    await dialog.getByRole("button", { name: "Overwrite their version" }).click();
    await second.page.getByRole("button", { name: "Edit", exact: true }).waitFor();
    expect((await stored("both")).title).toBe("Of the second");

    await second.page.goto(`${stage.base}/d/both?editview=versions`);
    await second.page.getByRole("checkbox", { name: "Compare version 1" }).check();
    await second.page.getByRole("checkbox", { name: "Compare version 2" }).check();
    await second.page.getByRole("button", { name: "Compare the two selected versions" }).click();
    await second.page.getByText('"Both"').waitFor();
    await second.page.getByRole("button", { name: "All versions" }).click();
    await second.page.getByRole("button", { name: "Restore version 1" }).click();
    await second.page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
    await second.page.getByRole("heading", { name: "Both" }).waitFor();
    expect(await stored("both")).toMatchObject({ title: "Both", version: 4 });
    expect([...first.errors, ...second.errors]).toEqual([]);
    await first.page.close();
    await second.page.close();
  },
);

test.skipIf(absent)("an import asks for its inputs, and lists its changes", async () => {
  await save({ uid: "taken", title: "Was here", schemaVersion: 43, panels: [] });
  const { page, errors } = await stage.open("/dashboard/import");
  const json = {
    __inputs: [{ name: "DS_A", label: "Metrics", type: "datasource", pluginId: "prometheus" }],
    uid: "taken",
    title: "From a file",
    schemaVersion: 30,
    panels: [
      { id: 1, type: "graph", title: "Old", datasource: "${DS_A}", gridPos: { x: 0, y: 0, w: 12, h: 8 } },
      { id: 2, type: "of-another-world", title: "Odd", gridPos: { x: 12, y: 0, w: 12, h: 8 } },
    ],
  };
  const field = page.getByLabel("JSON of the dashboard");
  await field.fill('{\n "title": }');
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("This is not JSON from line 2, column 11").waitFor();
  await field.fill(JSON.stringify(json));
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("The dashboard “Was here” has this uid already").waitFor();
  await page.getByRole("combobox", { name: "Metrics" }).click();
  await page.getByRole("option", { name: "Other" }).click();
  await page.getByText("Converted to the current schema").waitFor();
  await page.getByText("of-another-world").waitFor();
  await page.getByRole("button", { name: "Import and overwrite" }).click();
  await page.waitForURL(/\/d\/taken/);
  await region(page, "Odd").waitFor();
  expect((await stored("taken")).panels[0]).toMatchObject({ type: "timeseries", datasource: { uid: "other" } });
  expect(errors).toEqual([]);
  await page.close();
});
