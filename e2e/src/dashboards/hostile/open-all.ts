import type { Browser, Page } from "playwright-core";

export interface Opened {
  /** Description of the damage in the dashboard's JSON. */
  readonly what: string;
  readonly json: unknown;
  /** Query string of the dashboard's URL, such as `?editPanel=1`. */
  readonly query: string;
}

/** Number of dashboards that are opened one after the other in one browser page. */
const PER_PAGE = 40;
/** Time limit in ms for opening one dashboard. Even on a busy machine a dashboard opens much faster. */
const PATIENCE_MS = 240_000;

/**
 * Script that defines `visit()` in the browser page. `visit()` opens another dashboard without a reload, waits until
 * all panels are drawn, and returns forbidden events, such as a script that ran. Event handlers in markup that the
 * browser blocks are not counted, because the sanitizer removes them.
 */
const SCRIPT = `
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
  if (violatedDirective !== "script-src-attr") (globalThis.violations ??= []).push([violatedDirective, blockedURI, sample].join(" "));
});
const unseen = (what) => [...document.querySelectorAll(what)].filter((one) => !one.hasAttribute("data-seen"));
const open = (path) => {
  for (const one of unseen("[data-dashboard-uid], [role=alert]")) one.setAttribute("data-seen", "");
  history.pushState({}, "", path);
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
};
/** Returns the reason why the page is still loading; an empty string if the page has loaded. */
const unsettled = () => {
  const [root] = unseen("[data-dashboard-uid]");
  const alert = unseen("[role=alert]").find(({ innerText }) => innerText.trim() !== "");
  if (root === undefined) return alert === undefined ? "neither dashboard nor error: " + document.body.innerText.slice(0, 200) : "";
  if (root.dataset.state !== "ready") return "variables are being filled";
  const states = ["data", "empty", "error", "unsupported"];
  const waiting = [...root.querySelectorAll("[data-panel-id]")].find(({ dataset }) => !states.includes(dataset.panelState));
  if (waiting !== undefined) return "panel " + waiting.dataset.panelId + " is " + waiting.dataset.panelState;
  if (document.querySelector("[data-panel-drawing]") !== null) return "a panel is being drawn";
  const loading = [...document.querySelectorAll("main [role=status]")].find(({ innerText }) => innerText.startsWith("Loading"));
  if (loading !== undefined) return loading.innerText;
  const blank = [...root.querySelectorAll("section[data-panel-id]")].find((one) => one.dataset.panelState !== "data" && one.innerText.trim() === "");
  if (blank !== undefined) return "panel " + blank.dataset.panelId + " is blank";
  return root.innerText.trim() === "" && root.querySelector("canvas, svg") === null ? "the page is blank" : "";
};
const harm = () => [
  globalThis.hacked !== undefined && "a script ran",
  ({}).polluted !== undefined && "objects were polluted",
  document.querySelector("main :is(script, iframe, object, a[href^='javascript:' i])") !== null && "markup came through",
  ...[...document.querySelectorAll("main *")].flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on")),
  ...unseen("[role=alert]").map(({ innerText }) => innerText).filter((text) => text.includes("cannot be shown")).map((text) => "drawing failed: " + text),
  ...(globalThis.violations ?? []).map((one) => "kept from running: " + one),
].filter(Boolean);
globalThis.visit = async (path) => {
  if (path !== location.pathname + location.search) open(path);
  const end = performance.now() + ${PATIENCE_MS};
  let reason;
  while ((reason = unsettled()) !== "" && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 15));
  return [reason, ...harm()].filter(Boolean);
};`;

/** Opens dashboards one after another in the same browser page, as if the user followed links. Returns the failures. */
export async function openAll(browser: Browser, base: string, all: readonly Opened[]): Promise<string[]> {
  const failures: string[] = [];
  let thrown: string[] = [];
  const served = (at: number): object => ({ meta: { canSave: true, canEdit: true }, dashboard: all[at]!.json });
  const open = async (): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1400, height: 1800 } });
    page.on("pageerror", (error) => thrown.push(`thrown: ${error.message}`));
    page.on("crash", () => thrown.push("the page crashed"));
    await page.addInitScript(SCRIPT);
    await page.route("**/api/dashboards/uid/*", (route) =>
      route.fulfill({ json: served(Number(/hostile-(\d+)$/.exec(new URL(route.request().url()).pathname)![1])) }),
    );
    return page;
  };
  let page: Page | undefined;
  for (const [at, { what, json, query }] of all.entries()) {
    if (page === undefined || at % PER_PAGE === 0) {
      await page?.close();
      page = await open();
      await page.goto(`${base}/dashboards`);
    }
    const path = `/d/hostile-${at}${query}`;
    const harm = [...(await visited(page, path)), ...(await roleFails(base, at, json)), ...thrown];
    thrown = [];
    if (harm.length === 0) continue;
    failures.push(`${what}: ${harm.join("; ")}\n${JSON.stringify(json)?.slice(0, 3000)}`);
    await page.close();
    page = undefined;
  }
  await page?.close();
  return failures;
}

/** Opens a dashboard. Resolves with the failures. Stops after a time limit, because a page may never respond. */
const visited = (page: Page, path: string): Promise<string[]> =>
  Promise.race([
    page.evaluate<string[]>(`visit(${JSON.stringify(path)})`).catch((error: unknown) => [String(error)]),
    page.waitForTimeout(PATIENCE_MS + 10_000).then(() => ["the page does not answer"]),
  ]);

/**
 * Saves a hostile dashboard through the API. Resolves with failures of the dashboards server. The server may refuse the
 * dashboard with an error message, but must keep running.
 */
async function roleFails(base: string, at: number, json: unknown): Promise<string[]> {
  const dashboard =
    typeof json === "object" && json !== null && !Array.isArray(json)
      ? { ...json, uid: `hostile-${at}`, title: `Hostile ${at}`, id: null }
      : json;
  try {
    const response = await fetch(`${base}/api/dashboards/db`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ dashboard, overwrite: true }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = await response.text();
    if (response.status === 200) return [];
    return response.status < 500 && /"message":"[^"]{5}/.test(body) ? [] : [`the role: ${response.status} ${body}`];
  } catch (error) {
    return [`the role: ${String(error)}`];
  }
}
