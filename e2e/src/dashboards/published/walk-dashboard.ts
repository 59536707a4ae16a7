import type { Browser, Page } from "playwright-core";
import { eventually } from "../../support/eventually.ts";

interface WalkedPanel {
  readonly key: string;
  readonly type: string;
  readonly title: string;
  readonly state: string;
  /** Message that the dashboard panel shows instead of data. */
  readonly message: string;
}

export interface Walk {
  readonly panels: readonly WalkedPanel[];
  /** Errors of the page's scripts. */
  readonly errors: readonly string[];
}

const WIDTH = 1500;
const HEIGHT = 2600;

const READ_PANELS = `[...document.querySelectorAll("section[data-panel-id]")].map((one) => ({
  key: one.dataset.panelKey,
  type: one.dataset.panelType,
  title: one.getAttribute("aria-label"),
  state: one.getAttribute("aria-busy") === "true" ? "loading" : one.dataset.panelState,
  says: one.dataset.panelState === "data" ? "" : one.innerText.trim().slice(0, 300),
}))`;

/** Script for the dashboard page. Opens collapsed rows and returns their number. */
const OPEN_ROWS = `(() => {
  const closed = [...document.querySelectorAll('button[data-panel-type="row"][aria-expanded="false"]')];
  for (const row of closed) row.click();
  return closed.length;
})()`;

/**
 * Script for the dashboard page. Scrolls down by one screen and waits until the visible panels are drawn. Returns false
 * at the end of the page.
 */
const GO_DOWN = `(async () => {
  const before = scrollY;
  scrollBy(0, ${HEIGHT - 200});
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
  return scrollY > before;
})()`;

/** Opens a dashboard, expands its rows, scrolls through the page and reads the state of each panel. */
export async function walkDashboard(browser: Browser, url: string, picture?: string): Promise<Walk> {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  try {
    await page.goto(url);
    await page.locator('[data-dashboard-uid][data-state="ready"]').waitFor();
    const panels = new Map<string, WalkedPanel>();
    do {
      for (const panel of await settledPanels(page)) panels.set(panel.key, panel);
      if (picture !== undefined)
        await page.screenshot({ path: `${picture}-${await page.evaluate<number>("scrollY")}.png` });
    } while (await page.evaluate<boolean>(GO_DOWN));
    return { panels: [...panels.values()], errors };
  } finally {
    await page.close();
  }
}

/** Waits until each visible panel has its data. Resolves with the states of the visible panels. */
const settledPanels = (page: Page): Promise<readonly WalkedPanel[]> =>
  eventually("all panels in sight are settled", async () => {
    if ((await page.evaluate<number>(OPEN_ROWS)) > 0) throw new Error("rows were closed");
    const panels = await page.evaluate<WalkedPanel[]>(READ_PANELS);
    const loading = panels.filter(({ state }) => state === "loading");
    const drawing = await page.locator("[data-panel-drawing]").count();
    if (loading.length > 0 || drawing > 0) throw new Error(`loading: ${loading.map(({ title }) => title).join(", ")}`);
    return panels;
  });
