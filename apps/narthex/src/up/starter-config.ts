import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PORTS = /\blocalhost:(3000|9090|9091|9093|9094|9100)\b/g;

/** The starter configuration's folder: deploy/config of a checkout, or `config` beside a bundle. */
export const starterFolder = (env: Readonly<Record<string, string | undefined>>): string =>
  env["NARTHEX_STARTER_CONFIG"] ??
  fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../../../../deploy/config" : "./config", import.meta.url));

/** The dashboards that come with the stack: deploy/dashboards of a checkout, or `dashboards` beside a bundle. */
export const dashboardsFolder = (env: Readonly<Record<string, string | undefined>>): string =>
  env["NARTHEX_DASHBOARDS_DIR"] ??
  fileURLToPath(
    new URL(import.meta.url.endsWith(".ts") ? "../../../../deploy/dashboards" : "./dashboards", import.meta.url),
  );

const HOME_DASHBOARD = "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH";

/** The file of the start page's dashboard: the setting's, else the overview of the folder; "" where it has none. */
export function homeDashboardIn(folder: string, env: Readonly<Record<string, string | undefined>>): string {
  const overview = join(folder, "overview.json");
  return env[HOME_DASHBOARD] ?? (existsSync(overview) ? overview : "");
}

/**
 * The folder to run with. Shifted ports need a copy of the starter configuration, made anew in the data folder at each
 * start; with no shift the original is used, so that an edit and a reload are enough.
 */
export function prepareConfig(folder: string, dataDir: string, portOffset: number): string {
  if (portOffset === 0) return folder;
  const copy = join(dataDir, `config-offset-${portOffset}`);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  cpSync(folder, copy, { recursive: true });
  for (const name of ["prometheus.yml", "alertmanager.yml"]) {
    const file = join(copy, name);
    if (existsSync(file)) writeFileSync(file, shiftPorts(readFileSync(file, "utf8"), portOffset));
  }
  return copy;
}

/** Moves every `localhost:<role's port>` by the offset. */
export const shiftPorts = (text: string, offset: number): string =>
  text.replace(PORTS, (_, port: string) => `localhost:${Number(port) + offset}`);
