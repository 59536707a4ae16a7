import { type Browser, chromium, type Page, type Request } from "playwright-core";
import { expect, onTestFailed } from "vitest";
import { PATIENCE_MS } from "./eventually.ts";
import { browser as executablePath } from "./requirements.ts";

/**
 * Name of this machine that the browser treats as a remote host. Over plain HTTP, the browser does not offer Brotli to
 * remote hosts.
 */
export const remoteHost = "another-host.test";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${remoteHost} 127.0.0.1`,
];

/**
 * Starts the browser with its background activity turned off. Its pages wait as long for an element as other waits of
 * tests, because Playwright's limit of 30 seconds is too short for a busy machine.
 */
export async function launchBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath, args: ARGS, timeout: PATIENCE_MS });
  const newContext = browser.newContext.bind(browser);
  // newPage() also calls newContext().
  browser.newContext = async (options) => {
    const context = await newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  };
  return browser;
}

/**
 * Opens a page and collects its script errors, which tests expect to be empty. If a test fails, prints the state and
 * open requests of the page.
 */
export async function openPage(browser: Browser, url: string): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage();
  const errors: string[] = [];
  const open = new Set<Request>();
  const failed: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("request", (request) => open.add(request));
  page.on("requestfinished", (request) => open.delete(request));
  page.on("requestfailed", (request) => {
    open.delete(request);
    failed.push(`${request.url()}: ${request.failure()?.errorText}`);
  });
  onTestFailed(async () => {
    if (page.isClosed()) return;
    const shown = await page.locator("body").innerText({ timeout: 5000 }).catch(String);
    const requests = [...open].map((request) => `${request.method()} ${request.url()} ${request.postData() ?? ""}`);
    const parts = { errors, failed, "pending requests": requests, "shown on the page": [shown.slice(0, 4000)] };
    const lines = Object.entries(parts).flatMap(([name, rows]) => [`${name}:`, ...rows.map((row) => `  ${row}`)]);
    console.log(`${page.url()}\n${lines.join("\n")}`);
  });
  await page.goto(url);
  return { page, errors };
}

interface Visit {
  readonly requests: number;
  /** Number of requests for scripts and styles. */
  readonly files: number;
  readonly fileBytes: number;
  readonly bytes: number;
  /** Values of Content-Encoding in the responses with scripts. */
  readonly encodings: ReadonlySet<string>;
}

/**
 * Opens a page as a new user. Resolves with the number of requests and the number of bytes that were transferred over
 * the network.
 * @param isThere resolves when the page shows its main content
 */
export async function firstVisit(
  browser: Browser,
  url: string,
  isThere = (page: Page): Promise<void> => page.locator("main :is(button, h1, p)").first().waitFor(),
): Promise<Visit> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  let [requests, files, fileBytes, bytes] = [0, 0, 0, 0];
  network.on("Network.requestWillBeSent", ({ request }) => void (requests += Number(request.url.startsWith("http"))));
  const encodings = new Set<string>();
  page.on("response", (response) => {
    const kind = response.request().resourceType();
    if (kind === "script" || kind === "stylesheet") {
      files++;
      fileBytes += Number(response.headers()["content-length"]);
    }
    if (kind === "script") encodings.add(response.headers()["content-encoding"] ?? "none");
  });
  network.on("Network.loadingFinished", ({ encodedDataLength }) => void (bytes += encodedDataLength));
  await page.goto(url);
  await isThere(page);
  await page.waitForLoadState("networkidle");
  await context.close();
  return { requests, files, fileBytes, bytes, encodings };
}

/** Maximum bytes that a first visit of a page may transfer. */
export const MAX_FIRST_VISIT_BYTES = 350_000;

export function expectLight({ requests, bytes }: Visit): void {
  expect(requests).toBeLessThanOrEqual(12);
  expect(bytes).toBeLessThanOrEqual(MAX_FIRST_VISIT_BYTES);
}
