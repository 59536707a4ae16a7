import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";

const how = {
  executablePath: process.env["NARTHEX_BROWSER"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
};

/** Starts the browser that the environment variable NARTHEX_BROWSER names. */
export const launchChromium = (): Promise<Browser> => chromium.launch(how);

/**
 * Starts the browser with its own profile folder. The profile caches files and compiled code, as the browser of a user
 * does.
 */
export const launchProfile = (folder: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(folder, { ...how, viewport: { width: 1400, height: 900 } });

/**
 * Waits until each visible panel shows data and no request is in progress. Resolves with the time in ms since the
 * navigation.
 */
export const settled = (page: Page): Promise<number> =>
  page.evaluate(`new Promise((done) => {
    const look = () => {
      const root = document.querySelector("[data-dashboard-uid][data-state=ready]");
      const panels = [...document.querySelectorAll("[data-panel-id]")];
      const isSettled = (panel) => panel.dataset.panelState !== "loading" && panel.getAttribute("aria-busy") !== "true";
      const isDrawn = document.querySelector("[data-panel-drawing]") === null;
      if (root !== null && panels.length > 1 && panels.every(isSettled) && isDrawn) requestAnimationFrame(() => done(performance.now()));
      else requestAnimationFrame(look);
    };
    look();
  })`);

/** CPU time of the page's main thread so far, ms. */
export async function busyMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN);
}
