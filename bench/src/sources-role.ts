import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CDPSession, Page } from "playwright-core";
import { busyMs, settled } from "./chromium-page.ts";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";

const root = join(import.meta.dirname, "./../..");

/** A data source or a dashboard, as provisioning files contain it. */
type Json = Readonly<Record<string, unknown>>;

interface SourcesRoleOptions {
  /** Empty folder for the role's files. */
  readonly folder: string;
  readonly sources: readonly Json[];
  /** Dashboards, each with a `uid`. */
  readonly dashboards: readonly Json[];
  /** Root folder of the checkout whose role is started. */
  readonly checkout?: string;
}

/** A running dashboards role with provisioned sources and dashboards. */
export interface SourcesRole {
  readonly program: Program;
  /** Base URL of the role. */
  readonly base: string;
}

/** Starts the dashboards role, and waits until it answers. */
export async function startSourcesRole(options: SourcesRoleOptions): Promise<SourcesRole> {
  const { folder, sources, dashboards, checkout = root } = options;
  const pathOf = (...parts: readonly string[]): string => join(folder, ...parts);
  for (const path of ["provisioning/datasources", "provisioning/dashboards", "dashboards"])
    mkdirSync(pathOf(path), { recursive: true });
  writeFileSync(pathOf("provisioning/datasources/all.yml"), JSON.stringify({ apiVersion: 1, datasources: sources }));
  const provider = { name: "all", type: "file", options: { path: pathOf("dashboards") } };
  writeFileSync(pathOf("provisioning/dashboards/all.yml"), JSON.stringify({ apiVersion: 1, providers: [provider] }));
  for (const dashboard of dashboards)
    writeFileSync(pathOf("dashboards", `${String(dashboard["uid"])}.json`), JSON.stringify(dashboard));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const program = new Program(join(checkout, "bin/narthex"), [
    "dashboards",
    "cfg:server.http_addr=127.0.0.1",
    `cfg:server.http_port=${port}`,
    `cfg:paths.data=${pathOf("state")}`,
    `cfg:paths.provisioning=${pathOf("provisioning")}`,
    "cfg:auth.anonymous.enabled=true",
  ]);
  await program.ready(`${base}/api/health`);
  return { program, base };
}

/** Waits until a role has built its pages. It answers with errors before. */
export async function untilPages(base: string): Promise<void> {
  while (!(await fetch(`${base}/dashboards`)).ok) await pause(200);
}

/** Times of a page's last request for the data of its panels, ms. */
export interface PanelRequest {
  /** Time until the first byte of the answer: the source, and the encoding of the answer. */
  readonly waiting: number;
  readonly transfer: number;
  /** Time from the last byte until all panels are drawn. */
  readonly drawing: number;
  /** Time from the request until all panels are drawn. */
  readonly all: number;
  /** Length of the answer, bytes. */
  readonly bytes: number;
}

/** Opens a page, and resolves with the times of its first request for data when all panels are drawn. */
export async function openPanels(page: Page, url: string): Promise<PanelRequest> {
  await page.goto(url);
  return timesUntil(page, await settled(page));
}

/** Refreshes the panels of a page. Resolves with the times of the request, and the CPU time of the main thread in ms. */
export async function refreshPanels(
  page: Page,
  session: CDPSession,
): Promise<PanelRequest & { readonly busy: number }> {
  const before = await busyMs(session);
  await page.evaluate("performance.clearResourceTimings()");
  await page.getByRole("button", { name: "Refresh now" }).click();
  await page.evaluate(`new Promise((done) => {
    const isQuery = ({ name }) => name.endsWith("${QUERY}");
    const look = () => {
      if (performance.getEntriesByType("resource").some(isQuery)) done();
      else requestAnimationFrame(look);
    };
    look();
  })`);
  const times = await timesUntil(page, await settled(page));
  return { ...times, busy: (await busyMs(session)) - before };
}

/** The part of the browser's record of a request that the figures need. */
interface ResourceTimes {
  readonly startTime: number;
  readonly responseStart: number;
  readonly responseEnd: number;
  readonly encodedBodySize: number;
}

const QUERY = "/api/narthex/panels/query";

async function timesUntil(page: Page, drawnAt: number): Promise<PanelRequest> {
  const { startTime, responseStart, responseEnd, encodedBodySize } = await page.evaluate<ResourceTimes>(
    `performance.getEntriesByType("resource").findLast(({ name }) => name.endsWith("${QUERY}")).toJSON()`,
  );
  return {
    waiting: responseStart - startTime,
    transfer: responseEnd - responseStart,
    drawing: drawnAt - responseEnd,
    all: drawnAt - startTime,
    bytes: encodedBodySize,
  };
}
