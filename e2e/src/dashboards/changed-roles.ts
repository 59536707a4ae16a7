import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { appendSeries } from "../support/append-series.ts";
import { freePort } from "../support/ports.ts";
import { narthex } from "../support/running.ts";
import { serve } from "../support/serving.ts";
import type { Workplace } from "../support/workplace.ts";
import { changedSeries, END, START } from "./changed-series.ts";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";

const SLICE_MS = 900_000;

async function write(dir: string): Promise<void> {
  await using db = await openTsdb(dir, { clock: new ManualClock(START), logger: memoryLogger() });
  for (let from = START; from < END; from += SLICE_MS) {
    // oxlint-disable no-await-in-loop -- slices are appended in order of time
    await appendSeries(db.appendable, changedSeries([from, from + SLICE_MS]));
    await db.maintain();
  }
}

/**
 * Starts a server whose series change at a known time, and a dashboards server that queries it. The processes end with
 * the test.
 */
export async function openChangedRoles(
  workplace: Workplace,
  dashboards: Readonly<Record<string, object>>,
): Promise<AsyncDisposable & { readonly base: string }> {
  await write(workplace.path("data"));
  await using started = new AsyncDisposableStack();
  const config = "global: {scrape_interval: 30s}\n";
  const server = started.use(await serve("narthex", workplace, "data", { config, flags: [] }));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  workplace.write(
    "provisioning/datasources/main.yml",
    `apiVersion: 1\ndatasources: [{name: Main, type: prometheus, uid: main, url: '${server.base}', isDefault: true, jsonData: {timeInterval: 30s}}]\n`,
  );
  workplace.write(
    "provisioning/dashboards/all.yml",
    `apiVersion: 1\nproviders: [{name: all, type: file, options: {path: '${workplace.path("dashboards")}'}}]\n`,
  );
  for (const [name, dashboard] of Object.entries(dashboards))
    workplace.write(`dashboards/${name}.json`, JSON.stringify(dashboard));
  const role = started.use(narthex(dashboardsArguments(workplace, port)));
  await role.ready(`${base}/api/health`);
  const held = started.move();
  return { base, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
