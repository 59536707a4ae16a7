import { execFile } from "node:child_process";
import { appendFileSync, copyFileSync, cpSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { lacks } from "../support/requirements.ts";
import { narthex } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const app = fileURLToPath(new URL("../../../apps/ui", import.meta.url));

/** Source of a test data source with two built-in series. */
const SOURCE = `
import type { DataSource } from "../data-source.ts";

const answer = <T>(data: T) => Promise.resolve({ data, warnings: [], infos: [], elapsedMs: 1 });
const rooms = [{ __name__: "temperature", room: "north" }, { __name__: "temperature", room: "south" }];

export const thermometer: DataSource = {
  id: "thermometer",
  name: "Thermometer",
  capabilities: { language: "text" },
  query: (query, time) =>
    answer({ resultType: "vector", result: rooms.map((metric, n) => ({ metric, value: [time, String(20 + n)] as const })) }),
  queryRange: (query, { start, end, step }) => {
    const times = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, n) => start + n * step);
    const values = (n: number) => times.map((time) => [time, String(20 + n)] as const);
    return answer({ resultType: "matrix", result: rooms.map((metric, n) => ({ metric, values: values(n) })) });
  },
  labelValues: (label) => answer(label === "room" ? ["north", "south"] : ["temperature"]),
  series: () => answer(rooms),
  metadata: () => answer({ temperature: [{ type: "gauge", help: "Degrees.", unit: "celsius" }] }),
};
`;

/** Builds the UI from a copy of its sources in which the test data source is added. */
async function builtWithThermometer(workplace: Workplace): Promise<string> {
  const copy = workplace.path("apps/ui");
  cpSync(app, copy, { recursive: true, filter: (path) => !/\/(node_modules|dist[^/]*)$/.test(path) });
  copyFileSync(`${app}/../../tsconfig.base.json`, workplace.path("tsconfig.base.json"));
  symlinkSync(`${app}/node_modules`, `${copy}/node_modules`);
  workplace.write("apps/ui/src/datasource/thermometer/thermometer.ts", SOURCE);
  appendFileSync(`${copy}/src/datasource/sources.ts`, 'export { thermometer } from "./thermometer/thermometer.ts";\n');
  const folder = workplace.path("ui");
  const vite = `${app}/node_modules/vite/bin/vite.js`;
  await promisify(execFile)(process.execPath, [vite, "build", "--outDir", folder, "--logLevel", "error"], {
    cwd: copy,
  });
  return folder;
}

test.skipIf(lacks("browser"))(
  "a second data source is one folder and one line: its queries are drawn as a table and a graph, also from a link",
  { timeout: 600_000 },
  async () => {
    using workplace = new Workplace();
    const folder = await builtWithThermometer(workplace);
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    await using server = narthex(
      [
        "server",
        `--config.file=${workplace.write("prometheus.yml", "scrape_configs: []\n")}`,
        `--storage.tsdb.path=${workplace.path("data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { env: { ...process.env, NARTHEX_UI_DIR: folder } },
    );
    await server.ready(`${base}/-/ready`);
    await using browser = await launchBrowser();
    const { page, errors } = await openPage(browser, `${base}/query`);
    await page.getByLabel("Data source").selectOption("Thermometer");
    await page.getByRole("textbox", { name: "PromQL expression" }).fill("how warm is it?");
    await page.getByRole("button", { name: "Execute" }).click();
    await page.getByText('room="south"').waitFor();
    // Expects no Explain tab, because the data source cannot parse queries.
    expect(await page.getByRole("tab").allTextContents()).toEqual(["Table", "Graph"]);
    await page.getByRole("tab", { name: "Graph" }).click();
    await page.locator('[data-testid="graph"][data-series-count="2"]').waitFor();

    const { page: linked } = await openPage(browser, page.url());
    await linked.locator('[data-testid="graph"][data-series-count="2"]').waitFor();
    expect(await linked.getByLabel("Data source").inputValue()).toBe("thermometer");
    // Selects the server itself as data source again. Its queries must still work.
    await linked.getByLabel("Data source").selectOption("Prometheus");
    await linked.getByRole("tab", { name: "Explain" }).waitFor();
    expect(errors).toEqual([]);
  },
);
