import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PORTS = /\blocalhost:(3000|9090|9091|9093|9094|9100)\b/g;

/** Returns the folder of the starter configuration: deploy/config in a checkout, or `config` next to a bundle. */
export const starterFolder = (env: Readonly<Record<string, string | undefined>>): string =>
  env["NARTHEX_STARTER_CONFIG"] ??
  fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../../../../deploy/config" : "./config", import.meta.url));

/** Returns the folder of the stack's dashboards: deploy/dashboards in a checkout, or `dashboards` next to a bundle. */
export const dashboardsFolder = (env: Readonly<Record<string, string | undefined>>): string =>
  env["NARTHEX_DASHBOARDS_DIR"] ??
  fileURLToPath(
    new URL(import.meta.url.endsWith(".ts") ? "../../../../deploy/dashboards" : "./dashboards", import.meta.url),
  );

const HOME_DASHBOARD = "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH";

/**
 * Returns the file with the dashboard of the start page: the one that the setting names, otherwise the overview in the
 * folder. Empty if neither exists.
 */
export function homeDashboardIn(folder: string, env: Readonly<Record<string, string | undefined>>): string {
  const overview = join(folder, "overview.json");
  return env[HOME_DASHBOARD] ?? (existsSync(overview) ? overview : "");
}

/**
 * Returns the configuration folder that the roles use. With an offset, it is a copy in the data folder with changed
 * ports, made at each start. Without an offset, it is the original folder, so that an edit takes effect at a reload.
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

/** Adds the offset to the port of a role in each `localhost:PORT`. */
export const shiftPorts = (text: string, offset: number): string =>
  text.replace(PORTS, (_, port: string) => `localhost:${Number(port) + offset}`);
