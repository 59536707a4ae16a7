import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { BlockBuilder } from "@narthex/tsdb";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";

const own = new URL("../../bin/narthex", import.meta.url).pathname;
const HOUR_MS = 3_600_000;
/** Sample interval of the generated data: one minute. The data covers 24 hours of a small host. */
const STEP_MS = 60_000;
const BLOCK_MS = 2 * HOUR_MS;
/** Dashboard uid of Node Exporter Full, and the uid of its copy with expanded rows. */
const UID = "rYdddlPWk";
const OPEN = { uid: "rYdddlPWk-open", title: "Node Exporter Full, rows open", id: null };

interface PanelJson {
  readonly type: string;
  readonly gridPos: { readonly y: number; readonly h: number };
  readonly panels?: readonly PanelJson[];
}

interface DashboardJson {
  readonly panels: readonly PanelJson[];
}

type SeriesLabels = Record<string, string> & { __name__: string };

/** Parses the series of an exporter's page with their values. */
function seriesOf(text: string): readonly { readonly labels: SeriesLabels; readonly value: number }[] {
  return text.split("\n").flatMap((line) => {
    const match = /^([a-z_][\w:]*)(?:\{(.*)\})? (\S+)$/i.exec(line);
    if (match === null) return [];
    const labels: SeriesLabels = { __name__: match[1]! };
    for (const [, name, value] of (match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
      labels[name!] = value!.replaceAll(/\\(.)/g, "$1");
    return [{ labels, value: Number(match[3]) }];
  });
}

/**
 * Writes a day of samples that ends at an exporter's current values. Counters grow to the current values; gauges vary
 * around them.
 */
async function writeDay(folder: string, exporter: string, until: number): Promise<number> {
  const text = await (await fetch(`http://${exporter}/metrics`)).text();
  const up = { labels: { __name__: "up" }, value: 1 };
  const series = [up, ...seriesOf(text)].map(({ labels, value }) => ({
    labels: Labels.of({ ...labels, job: "node", instance: exporter }),
    value,
    isCounter: /_(?:total|sum|count|bucket)$/.test(labels["__name__"]),
    isFixed: /_(?:info|size_bytes|seconds)$|^up$|MemTotal/.test(labels["__name__"]),
  }));
  mkdirSync(folder, { recursive: true });
  const first = Math.floor((until - 24 * HOUR_MS) / BLOCK_MS) * BLOCK_MS;
  for (let start = first; start < until; start += BLOCK_MS) {
    const builder = new BlockBuilder({ chunkRangeMs: BLOCK_MS, now: () => start, random: () => 0.5 });
    for (const { labels, value, isCounter, isFixed } of series)
      for (let time = start; time < Math.min(start + BLOCK_MS, until); time += STEP_MS) {
        const age = (until - time) / STEP_MS;
        const swing = isFixed ? 1 : 1 + 0.2 * Math.sin(age / 40);
        builder.append(labels, time, isCounter ? Math.max(0, value - age * (3 + Math.sin(age / 60))) : value * swing);
      }
    builder.write(folder);
  }
  return series.length;
}

/** Returns a copy of a dashboard in which all rows are expanded, and their panels are placed below them. */
function withRowsOpen(dashboard: DashboardJson): DashboardJson {
  let bottom = 0;
  const moved = (panel: PanelJson, by: number): PanelJson => {
    const gridPos = { ...panel.gridPos, y: panel.gridPos.y + by };
    bottom = Math.max(bottom, gridPos.y + gridPos.h);
    return { ...panel, gridPos };
  };
  let shift = 0;
  const panels = dashboard.panels.flatMap((panel) => {
    if (panel.type !== "row" || panel.panels === undefined || panel.panels.length === 0) return [moved(panel, shift)];
    const row = moved({ ...panel, panels: [] }, bottom - panel.gridPos.y);
    const first = Math.min(...panel.panels.map(({ gridPos }) => gridPos.y));
    const [top, below] = [bottom - first, panel.gridPos.y + 1];
    const within = panel.panels.map((one) => moved(one, top));
    shift = bottom - below;
    return [{ ...row, collapsed: false }, ...within];
  });
  return { ...dashboard, ...OPEN, panels };
}

/** URLs and size of the running setup. */
export interface NodeExporterFull {
  /** URL of the dashboard's page over a day. */
  readonly url: string;
  /** URL of the dashboard's copy with all rows expanded. */
  readonly openUrl: string;
  readonly series: number;
}

/**
 * Starts the exporter, a server that scrapes and has a day of data, and the dashboard server. Resolves with the
 * dashboard's URLs.
 */
export async function startNodeExporterFull(folder: string, programs: Program[]): Promise<NodeExporterFull> {
  const dashboards = process.env["NARTHEX_CONFORMANCE"];
  if (dashboards === undefined)
    throw new Error("NARTHEX_CONFORMANCE must name the folder with dashboards/node-exporter-full.json");
  const [exporter, server, role] = [await freePort(), await freePort(), await freePort()].map(
    (port) => `127.0.0.1:${port}`,
  ) as [string, string, string];
  const pathOf = (name: string): string => join(folder, name);
  const run = async (args: readonly string[], ready: string): Promise<void> => {
    const program = new Program(own, args);
    programs.push(program);
    await program.ready(`http://${ready}`);
  };
  await run(["node-exporter", `--web.listen-address=${exporter}`], `${exporter}/`);
  const series = await writeDay(pathOf("data"), exporter, Math.floor(Date.now() / STEP_MS) * STEP_MS);
  writeFileSync(
    pathOf("prometheus.yml"),
    `scrape_configs: [{job_name: node, scrape_interval: 15s, static_configs: [{targets: ['${exporter}']}]}]\n`,
  );
  for (const path of ["provisioning/datasources", "provisioning/dashboards", "dashboards"])
    mkdirSync(pathOf(path), { recursive: true });
  writeFileSync(
    pathOf("provisioning/datasources/main.yml"),
    `apiVersion: 1\ndatasources: [{name: Main, type: prometheus, uid: main, url: 'http://${server}', isDefault: true}]\n`,
  );
  writeFileSync(
    pathOf("provisioning/dashboards/all.yml"),
    `apiVersion: 1\nproviders: [{name: all, type: file, options: {path: '${pathOf("dashboards")}'}}]\n`,
  );
  const full = JSON.parse(
    readFileSync(join(dashboards, "dashboards/node-exporter-full.json"), "utf8"),
  ) as DashboardJson;
  writeFileSync(pathOf("dashboards/full.json"), JSON.stringify(full));
  writeFileSync(pathOf("dashboards/open.json"), JSON.stringify(withRowsOpen(full)));
  await run(
    [
      "server",
      `--config.file=${pathOf("prometheus.yml")}`,
      `--storage.tsdb.path=${pathOf("data")}`,
      `--web.listen-address=${server}`,
    ],
    `${server}/-/ready`,
  );
  await run(
    [
      "dashboards",
      "cfg:server.http_addr=127.0.0.1",
      `cfg:server.http_port=${role.split(":")[1]}`,
      `cfg:paths.data=${pathOf("state")}`,
      `cfg:paths.provisioning=${pathOf("provisioning")}`,
      "cfg:auth.anonymous.enabled=true",
    ],
    `${role}/api/health`,
  );
  const urlOf = (uid: string): string => `http://${role}/d/${uid}?from=now-24h&to=now&refresh=`;
  const url = urlOf(UID);
  // Waits until the server returns the page, because the server answers with errors until it has built its pages.
  while (!(await fetch(url)).ok) await pause(200);
  return { url, openUrl: urlOf(OPEN.uid), series };
}
