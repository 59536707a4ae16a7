import type { Page } from "playwright-core";
import { eventually } from "../../support/eventually.ts";

/** A page has so many one after the other, as a visitor who goes from one to the next. */
const PER_PAGE = 40;
/** Far beyond what a busy machine needs. */
const PATIENCE_MS = 60_000;

/**
 * Counts what the page's policy has kept from running. Handlers in markup are left out: the browser reports those that the
 * sanitizer reads in a document of its own and takes away. HARM looks for them where they would do harm.
 */
const WATCH = `addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
  if (violatedDirective !== "script-src-attr") (globalThis.violations ??= []).push([violatedDirective, blockedURI, sample].join(" "));
});`;

/** Goes to another dashboard as a link does, after the one that is shown has been marked as seen. */
const visit = (path: string): string => `(() => {
  document.querySelectorAll("[data-dashboard-uid], [role=alert]").forEach((one) => one.setAttribute("data-seen", ""));
  history.pushState({}, "", ${JSON.stringify(path)});
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
})()`;

/** Why the page is not settled; empty where it is. A page that has nothing to show says so in an alert. */
const UNSETTLED = `(() => {
  const root = document.querySelector("[data-dashboard-uid]:not([data-seen])");
  const alert = document.querySelector("[role=alert]:not([data-seen])");
  if (root === null) return alert === null || alert.innerText.trim() === "" ? "neither dashboard nor error: " + document.body.innerText.slice(0, 200) : "";
  if (root.dataset.state !== "ready") return "variables are being filled";
  const states = ["data", "empty", "error", "unsupported"];
  const open = [...root.querySelectorAll("[data-panel-id]")].find(({ dataset }) => !states.includes(dataset.panelState));
  if (open !== undefined) return "panel " + open.dataset.panelId + " is " + open.dataset.panelState;
  if (document.querySelector("[data-panel-drawing]") !== null) return "a panel is being drawn";
  const blank = [...root.querySelectorAll("section[data-panel-id]")].find((one) => one.dataset.panelState !== "data" && one.innerText.trim() === "");
  return blank === undefined ? "" : "panel " + blank.dataset.panelId + " is blank";
})()`;

/** What must not have happened, whatever was opened. */
const HARM = `(() => [
  globalThis.hacked !== undefined && "a script ran",
  ({}).polluted !== undefined && "objects were polluted",
  document.querySelector("main :is(script, iframe, object, a[href^='javascript:' i])") !== null && "markup came through",
  ...[...document.querySelectorAll("main *")].flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on")),
  ...[...document.querySelectorAll("[role=alert]:not([data-seen])")].map(({ innerText }) => innerText).filter((text) => text.includes("This cannot be shown")).map((text) => "drawing failed: " + text),
  ...(globalThis.violations ?? []).map((one) => "kept from running: " + one),
].filter(Boolean))()`;

/** Opens dashboards one after another in one page; says what went wrong with which. */
export async function openAll(
  page: Page,
  base: string,
  all: readonly (readonly [what: string, json: unknown])[],
): Promise<string[]> {
  const failures: string[] = [];
  let thrown: string[] = [];
  page.on("pageerror", (error) => thrown.push(`thrown: ${error.message}`));
  await page.addInitScript(WATCH);
  await page.route("**/api/dashboards/uid/*", (route) => {
    const at = Number(/hostile-(\d+)$/.exec(new URL(route.request().url()).pathname)![1]);
    return route.fulfill({ json: { meta: { canSave: true, canEdit: true }, dashboard: all[at]![1] } });
  });
  for (const [at, [what]] of all.entries()) {
    const path = `/d/hostile-${at}`;
    if (at % PER_PAGE === 0) await page.goto(base + path);
    else await page.evaluate(visit(path));
    const harm = await settled(page);
    harm.push(...(await page.evaluate<string[]>(HARM)), ...thrown);
    thrown = [];
    if (harm.length === 0) continue;
    failures.push(`${what}: ${harm.join("; ")}\n${JSON.stringify(all[at]![1])?.slice(0, 3000)}`);
    await page.goto(`${base}/dashboards`);
    if (at % PER_PAGE !== PER_PAGE - 1) await page.evaluate(visit(path));
  }
  return failures;
}

async function settled(page: Page): Promise<string[]> {
  try {
    await eventually("the page is settled", async () => {
      const reason = await page.evaluate<string>(UNSETTLED);
      if (reason !== "") throw new Error(reason);
    }, PATIENCE_MS); // prettier-ignore
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
