import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFindings, axeSource } from "../support/axe.ts";
import { eventually } from "../support/eventually.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

// The missing commands that this test needs. The test opens the documentation site on a server and on a dashboards
// server, each with a path prefix.
const absent = lacks("browser");
let workplace: Workplace;
const running: Running[] = [];
let browser: Browser;
const roots = { server: "", dashboards: "" };

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  workplace.write("prometheus.yml", "global: {}\n");
  const [server, dashboards] = [await freePort(), await freePort()];
  roots.server = `http://127.0.0.1:${server}/some/prefix`;
  roots.dashboards = `http://127.0.0.1:${dashboards}/graphs`;
  const start = async (args: readonly string[], ready: string): Promise<void> => {
    const role = narthex(args);
    running.push(role);
    await role.ready(ready);
  };
  await start(
    [
      "server",
      `--config.file=${workplace.path("prometheus.yml")}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${server}`,
      `--web.external-url=${roots.server}/`,
    ],
    `${roots.server}/-/ready`,
  );
  await start(
    [
      "dashboards",
      "cfg:server.http_addr=127.0.0.1",
      `cfg:server.http_port=${dashboards}`,
      `cfg:server.root_url=${roots.dashboards}/`,
      "cfg:server.serve_from_sub_path=true",
      `cfg:paths.data=${workplace.path("state")}`,
      `cfg:paths.provisioning=${workplace.path("provisioning")}`,
    ],
    `${roots.dashboards}/api/health`,
  );
  // Waits for the documentation site, because the first request starts its build.
  await eventually("the site is there", async () => {
    for (const root of Object.values(roots)) {
      const { status } = await fetch(`${root}/docs/`);
      if (status !== 200) throw new Error(`${root}: ${status}`);
    }
  });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await Promise.all(running.map((one) => one[Symbol.asyncDispose]()));
  workplace?.[Symbol.dispose]();
});

/**
 * Opens a page of the documentation site in a browser. The page closes at the end of the caller's scope (`await
 * using`).
 */
async function open(path: string, settings: BrowserContextOptions = {}): Promise<AsyncDisposable & { page: Page }> {
  const context = await browser.newContext(settings);
  const page = await context.newPage();
  await page.goto(`${roots.server}/docs/${path}`);
  return { page, [Symbol.asyncDispose]: () => context.close() };
}

const narrow = { viewport: { width: 400, height: 800 } };

test.skipIf(absent)(
  "every page fits a narrow screen, loads nothing from other sites and obeys its content policy",
  async () => {
    const context = await browser.newContext(narrow);
    const page = await context.newPage();
    const findings: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(`${roots.server}/docs/`)) findings.push(`${page.url()} asks for ${request.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) findings.push(`${response.url()}: ${response.status()}`);
    });
    // Collects console messages, because the browser reports violations of the content security policy there.
    page.on("console", (message) => findings.push(`${page.url()}: ${message.text()}`));
    page.on("pageerror", (error) => findings.push(`${page.url()}: ${error.message}`));
    await page.goto(`${roots.server}/docs/`);
    const links = await page
      .locator("main a")
      .evaluateAll((all) => all.map((link) => (link as unknown as { href: string }).href));
    expect(links.length).toBeGreaterThan(40);
    for (const link of [page.url(), ...links]) {
      // Waits for the page's script, which runs after the style sheet has loaded.
      await page.goto(link, { waitUntil: "domcontentloaded" });
      const [content, screen] = await page.evaluate<number[]>("[document.documentElement.scrollWidth, innerWidth]");
      if (content! > screen!) findings.push(`${link}: ${content} pixels wide`);
    }
    await context.close();
    expect(findings).toEqual([]);
  },
);

test.skipIf(absent)("the search finds a flag by its words and opens its row", async () => {
  await using reader = await open("alerts.html");
  const { page } = reader;
  await page.keyboard.press("/");
  await page.keyboard.type("retention time");
  const options = page.getByRole("option");
  await options.filter({ hasText: "--storage.tsdb.retention.time" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  expect(await options.first().getAttribute("aria-selected")).toBe("true");
  await page.keyboard.press("ArrowUp");
  expect(await options.last().getAttribute("aria-selected")).toBe("true");
  await page.keyboard.press("Escape");
  expect(await options.first().isVisible()).toBe(false);
  await page.getByRole("combobox").fill("storage.tsdb.retention.time");
  await options.first().getByText("--storage.tsdb.retention.time", { exact: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/docs/flags/server.html#--storagetsdbretentiontime");
  expect(await page.locator("tr:target").textContent()).toContain("How long to keep samples");
});

test.skipIf(absent)(
  "the search accepts small misspellings, and reports when it finds nothing or cannot search",
  async () => {
    await using reader = await open("");
    const { page } = reader;
    const input = page.getByRole("combobox");
    await input.fill("kubernets");
    await page
      .getByRole("option", { name: /Kubernetes/ })
      .first()
      .waitFor();
    await input.fill("xyzzyplugh");
    await page.getByText("Nothing is found for “xyzzyplugh”").waitFor();
    await page.route("**/search-index.json", (route) => route.abort());
    await page.reload();
    await input.fill("alerts");
    await page.getByText("The search index could not be loaded").waitFor();
    await page.unroute("**/search-index.json");
    await input.fill("alert");
    await page.getByRole("option").first().waitFor();
  },
);

test.skipIf(absent)("the selected theme applies to the documentation and the user interface", async () => {
  await using reader = await open("", { colorScheme: "dark" });
  const { page } = reader;
  const theme = (): Promise<unknown> => page.evaluate("document.documentElement.dataset.theme");
  expect(await theme()).toBe("dark");
  await page.getByRole("button", { name: "Theme: auto. Switch to light" }).click();
  expect(await theme()).toBe("light");
  await page.goto(`${roots.server}/query`);
  await page.getByRole("button", { name: "Theme: light. Switch to dark" }).click();
  await page.goto(`${roots.server}/docs/alerts.html`);
  expect(await theme()).toBe("dark");
  await page.getByRole("button", { name: "Theme: dark. Switch to auto" }).waitFor();
});

test.skipIf(absent)("on a narrow screen the contents are behind a button", async () => {
  await using reader = await open("alerts.html", narrow);
  const { page } = reader;
  const button = page.getByRole("button", { name: "Contents" });
  const contents = page.getByRole("navigation", { name: "Contents" });
  expect(await contents.isVisible()).toBe(false);
  await button.click();
  const current = contents.getByRole("link", { name: "Alerts", exact: true });
  expect(await current.getAttribute("aria-current")).toBe("page");
  const { y } = (await current.boundingBox())!;
  expect(y).toBeGreaterThan(55);
  expect(y).toBeLessThan(narrow.viewport.height);
  await page.keyboard.press("Escape");
  expect(await contents.isVisible()).toBe(false);
  await button.click();
  await contents.getByRole("link", { name: "With Docker" }).click();
  await page.getByRole("heading", { level: 1, name: "Docker" }).waitFor();
});

test.skipIf(absent).each(["light", "dark"] as const)("the %s pages are accessible", async (colorScheme) => {
  await using reader = await open("", { colorScheme });
  const { page } = reader;
  const findings = async (): Promise<readonly string[]> => {
    await page.evaluate(axeSource());
    return axeFindings(page);
  };
  expect(await findings()).toEqual([]);
  await page.goto(`${roots.server}/docs/scraping.html`);
  expect(await findings()).toEqual([]);
  await page.setViewportSize(narrow.viewport);
  await page.goto(`${roots.server}/docs/flags/up.html`);
  await page.getByRole("combobox").fill("alert");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("ArrowDown");
  expect(await findings()).toEqual([]);
});

test.skipIf(absent)(
  "the user interface's bar links to the documentation, and the documentation links back",
  async () => {
    for (const [root, path] of [
      [roots.server, "/alerts"],
      [roots.dashboards, "/dashboards"],
    ] as const) {
      const { page, errors } = await openPage(browser, `${root}${path}`);
      const opened = page.context().waitForEvent("page");
      await page.getByRole("link", { name: "Documentation" }).click();
      const docs = await opened;
      await docs.getByRole("heading", { level: 1 }).waitFor();
      expect(docs.url()).toBe(`${root}/docs/`);
      await docs.getByRole("link", { name: "Open Narthex" }).click();
      await docs.waitForURL((url) => url.href.startsWith(`${root}/`) && !url.href.includes("/docs/"));
      expect(errors).toEqual([]);
      await page.context().close();
    }
  },
);

test.skipIf(absent)("a user can read how to sign in before signing in", async () => {
  const refused = await fetch(`${roots.dashboards}/api/search`);
  expect(refused.status).toBe(401);
  const page = await fetch(`${roots.dashboards}/docs/dashboards.html`);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("</html>")]);
});

test.skipIf(absent)("a missing page is reported in the site's design, at every path", async () => {
  for (const path of ["nowhere.html", "no/such/place"]) {
    await using reader = await open(path);
    const { page } = reader;
    await page.getByRole("heading", { level: 1, name: "Nothing is here" }).waitFor();
    expect(await page.evaluate("getComputedStyle(document.querySelector('header')).position")).toBe("sticky");
    await page.getByRole("link", { name: /^Narthex/ }).click();
    await page.waitForURL(`${roots.server}/docs/index.html`);
  }
});
