import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PORTS = /\blocalhost:(3000|9090|9091|9093|9094|9100)\b/g;

/** The starter configuration's folder: deploy/config in a checkout, or `config` next to a bundle. */
export const starterFolder = (env: Readonly<Record<string, string | undefined>>): string =>
  env["NARTHEX_STARTER_CONFIG"] ??
  fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../../../../deploy/config" : "./config", import.meta.url));

/** The folder of the stack's dashboards: deploy/dashboards in a checkout, or `dashboards` next to a bundle. */
export const dashboardsFolder = (env: Readonly<Record<string, string | undefined>>): string =>
  env["NARTHEX_DASHBOARDS_DIR"] ??
  fileURLToPath(
    new URL(import.meta.url.endsWith(".ts") ? "../../../../deploy/dashboards" : "./dashboards", import.meta.url),
  );

const HOME_DASHBOARD = "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH";

/**
 * The file of the start page's dashboard: that of the setting, otherwise the overview in the folder; "" if it has none.
 */
export function homeDashboardIn(folder: string, env: Readonly<Record<string, string | undefined>>): string {
  const overview = join(folder, "overview.json");
  return env[HOME_DASHBOARD] ?? (existsSync(overview) ? overview : "");
}

/**
 * Returns the configuration folder to run with. With an offset, this is a copy in the data folder with other ports,
 * made at each start. Without one, it is the original, so that an edit and a reload are enough.
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

/** Adds the offset to the port in every `localhost:<role's port>`. */
export const shiftPorts = (text: string, offset: number): string =>
  text.replace(PORTS, (_, port: string) => `localhost:${Number(port) + offset}`);
