import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openPage } from "../support/headless-browser.ts";
import { lacks } from "../support/requirements.ts";
import { post, useStage } from "../support/stage.ts";

const absent = lacks("browser");

const panel = (id: number, title: string, type: string, stringInput: string): object => ({
  id,
  type,
  title,
  gridPos: { x: id === 1 ? 0 : 12, y: 0, w: 12, h: 8 },
  datasource: { type: "grafana-testdata-datasource", uid: "test" },
  targets: [
    { refId: "A", scenarioId: "csv_metric_values", stringInput, alias: "One" },
    { refId: "B", scenarioId: "csv_metric_values", stringInput: "4,2,8", alias: "Two" },
  ],
});

const stage = useStage(async (stage) => {
  const base = await stage.dashboards({
    sources: ["name: Test, type: grafana-testdata-datasource, uid: test, isDefault: true"],
  });
  for (const uid of ["kept", "next"])
    await post(base, "/api/dashboards/db", {
      dashboard: {
        uid,
        title: `Title of ${uid}`,
        schemaVersion: 43,
        time: { from: "now-5m", to: "now" },
        panels: [panel(1, "Lines", "timeseries", "1,20,50"), panel(2, "Number", "stat", "7,7")],
      },
    });
  return base;
});

const legend = (page: Page, name: string) =>
  page.getByRole("region", { name: "Lines" }).getByRole("button", { name, exact: true });
const pressed = (page: Page): Promise<readonly (string | null)[]> =>
  Promise.all(["One One", "Two Two"].map((name) => legend(page, name).getAttribute("aria-pressed")));

test.skipIf(absent)("a link restores the hidden series, and hiding a series sends no request", async () => {
  const { page, errors } = await stage.open("/d/kept");
  await legend(page, "One One").waitFor();
  await page.waitForLoadState("networkidle");
  const requests: string[] = [];
  // Reports whether a request was caused by the user's click. The page also requests its settings without a click.
  const isOfClick = (url: string): boolean => url.includes("/api/") && !url.endsWith("/api/frontend/settings");
  page.on("request", (request) => isOfClick(request.url()) && requests.push(request.url()));
  await legend(page, "Two Two").click();
  await eventually("one is left", async () => expect(await pressed(page)).toEqual(["false", "true"]));
  expect(requests).toEqual([]);
  await page.getByRole("link", { name: "Share" }).click();
  const link = await page.getByRole("textbox", { name: "Link URL" }).inputValue();
  const other = await openPage(stage.browser, link);
  await eventually("the other reader sees the same", async () =>
    expect(await pressed(other.page)).toEqual(["false", "true"]),
  );
  await legend(other.page, "Two Two").click();
  await eventually("all are there again", async () => expect(await pressed(other.page)).toEqual(["true", "true"]));
  expect(new URL(other.page.url()).search).not.toContain("panel-1");
  expect([...errors, ...other.errors]).toEqual([]);
  await page.close();
  await other.page.close();
});

test.skipIf(absent)("a panel can be saved as a picture, as PNG and as SVG", async () => {
  const { page, errors } = await stage.open("/d/kept");
  const region = page.getByRole("region", { name: "Number" });
  await region.getByText("7").first().waitFor();
  const { width, height } = (await region.boundingBox())!;
  const saved = async (form: string): Promise<Buffer> => {
    await region.hover();
    await page.getByRole("button", { name: "Menu of Number" }).click();
    const entry = page.getByRole("menuitem", { name: form });
    await entry.waitFor();
    const download = page.waitForEvent("download").catch((error: Error) => {
      throw new Error(`no ${form} came; the page's errors: ${errors.join("; ") || "none"}`, { cause: error });
    });
    const [file] = await Promise.all([download, entry.click()]);
    expect(file.suggestedFilename()).toMatch(new RegExp(`^Number-.*\\.${form.toLowerCase()}$`));
    return readFileSync(await file.path());
  };
  const png = await saved("PNG");
  expect(png.subarray(0, 8)).toEqual(Buffer.from("\x89PNG\r\n\x1a\n", "latin1"));
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([Math.round(width), Math.round(height)]);
  // Number of colours in the panel's picture. An empty picture has only one colour.
  const colors = await page.evaluate(`(async () => {
    const bytes = Uint8Array.from(atob("${png.toString("base64")}"), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const brush = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    brush.drawImage(picture, 0, 0);
    return new Set(new Uint32Array(brush.getImageData(0, 0, picture.width, picture.height).data.buffer)).size;
  })()`);
  expect(colors).toBeGreaterThan(3);
  const svg = (await saved("SVG")).toString("utf8");
  expect(svg).toMatch(/^<svg /);
  expect(svg).toContain("Number");
  expect(svg).not.toMatch(/<script|Menu of/);
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("JSON that is not applied yet survives a change of tab, and a save asks about it", async () => {
  const { page, errors } = await stage.open("/d/kept?editview=json-model");
  const editor = page.getByRole("textbox", { name: "JSON of the dashboard" });
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{"title": "By hand", ');
  await page.getByRole("tab", { name: "Links" }).click();
  await page.getByRole("tab", { name: "General" }).click();
  await page.getByLabel("Title").fill("By the form");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Show it" }).click();
  await page.getByText("The dashboard has changed since you started to edit this text").waitFor();
  expect(await editor.textContent()).toContain("By hand");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText(/The JSON ends too early/).waitFor();
  await page.getByRole("button", { name: "Discard this text" }).click();
  await page.getByText("By the form").first().waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "JSON that is not applied survives the browser's back button, out of the editor and off the page",
  async () => {
    const { page, errors } = await stage.open("/dashboards");
    await page.getByRole("link", { name: "Title of kept" }).click();
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("tab", { name: "JSON model" }).click();
    const editor = page.getByRole("textbox", { name: "JSON of the dashboard" });
    await editor.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText('{"title": "By hand", ');
    while (new URL(page.url()).pathname.startsWith("/d/")) await page.goBack();
    await page.getByRole("link", { name: "Title of kept" }).click();
    await page.getByText("The changes include JSON that you typed and did not apply").waitFor();
    await page.getByRole("button", { name: "Continue editing" }).click();
    await eventually("it is there again", async () => expect(await editor.textContent()).toContain("By hand"));
    await page.getByRole("button", { name: "Discard this text" }).click();
    await page.getByRole("button", { name: "Exit edit" }).click();
    await page.getByRole("button", { name: "Edit", exact: true }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)(
  "the text of an annotation survives Escape, a link and another selection, until it is discarded",
  async () => {
    const { page, errors } = await stage.open("/d/kept");
    const over = page.getByRole("region", { name: "Lines" }).locator(".u-over");
    await over.waitFor();
    const mark = (share: number): Promise<void> =>
      eventually("the form is there", async () => {
        const { width, height } = (await over.boundingBox())!;
        await over.click({ position: { x: width * share, y: height / 2 }, modifiers: ["Control"] });
        await page.getByRole("dialog", { name: "New annotation" }).waitFor({ timeout: 1000 });
      });
    await mark(0.3);
    const words = page.getByLabel("Description");
    const continueButton = page.getByRole("button", { name: "Continue writing" });
    await words.fill("Half a sen");
    await words.press("Escape");
    await continueButton.click();
    const { width, height } = (await over.boundingBox())!;
    await over.click({ position: { x: width * 0.7, y: height / 2 }, modifiers: ["Control"] });
    await continueButton.click();
    expect(await words.inputValue()).toBe("Half a sen");
    const dialogShown = page.waitForEvent("dialog").then(async (dialog) => {
      await dialog.dismiss();
      return dialog.message();
    });
    await page.locator('a[href$="/dashboards"]').first().click();
    expect(await dialogShown).toContain("annotation");
    expect(await words.inputValue()).toBe("Half a sen");
    await words.press("Escape");
    await page.getByRole("button", { name: "Discard", exact: true }).click();
    await words.waitFor({ state: "detached" });
    expect(errors).toEqual([]);
    await page.close();
  },
);

/** Script for the page that returns the unsaved dashboard changes in the browser's IndexedDB as text. */
const KEPT = `new Promise((resolve, reject) => {
  const opening = indexedDB.open("narthex-drafts");
  // Aborts the creation of the IndexedDB database, because only the page may create it.
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const read = opening.result.transaction("drafts").objectStore("drafts").getAll();
    read.onerror = () => reject(read.error);
    read.onsuccess = () => {
      opening.result.close();
      resolve(JSON.stringify(read.result));
    };
  };
})`;

test.skipIf(absent)("two users who edit in two tabs find their own changes at the next visit", async () => {
  const context = await stage.browser.newContext();
  const [first, second] = [await context.newPage(), await context.newPage()];
  const retitle = async (page: Page, title: string): Promise<void> => {
    await page.goto(`${stage.base}/d/next?editview=settings`);
    await page.getByLabel("Title").fill(title);
    await page.getByRole("button", { name: /^Undo: Change title/ }).waitFor();
    await eventually("the browser keeps it", async () => expect(await page.evaluate(KEPT)).toContain(title));
  };
  await retitle(first, "First");
  await retitle(second, "Second");
  for (const page of [first, second]) {
    page.on("dialog", (dialog) => void dialog.accept());
    await page.goto("about:blank");
  }
  const third = await context.newPage();
  await third.goto(`${stage.base}/d/next`);
  await third.getByRole("button", { name: "Continue editing" }).click();
  await third.getByRole("heading", { name: "Second" }).waitFor();
  await third.getByRole("button", { name: "Continue editing" }).click();
  await third.getByRole("heading", { name: "First" }).waitFor();
  await context.close();
});

test.skipIf(absent)("a playlist pauses while its dashboard is edited", async () => {
  const playlist = await post<{ uid: string }>(stage.base, "/api/playlists", {
    name: "Round",
    interval: "1h",
    items: ["kept", "next"].map((value) => ({ type: "dashboard_by_uid", value, title: value })),
  });
  const { page, errors } = await openPage(stage.browser, "about:blank");
  // Installs a fake clock in the page, so that the result does not depend on the duration of the steps.
  await page.clock.install();
  const hour = (): Promise<void> => page.clock.fastForward("01:00:01");
  await page.goto(`${stage.base}/playlists/play/${playlist.uid}`);
  const controls = page.getByRole("group", { name: "Playlist Round" });
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await controls.getByText("paused while the dashboard is edited").waitFor();
  await hour();
  await controls.getByText("1 of 2, paused while the dashboard is edited").waitFor();
  await page.getByRole("button", { name: "Exit edit" }).click();
  await controls.getByText("1 of 2", { exact: true }).waitFor();
  await hour();
  await controls.getByText("2 of 2", { exact: true }).waitFor();
  await page.getByRole("heading", { name: "Title of next" }).waitFor();
  expect(errors).toEqual([]);
  await page.close();
});
