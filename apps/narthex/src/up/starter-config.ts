import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
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
 * Returns the dashboard file for the home page: the file that the environment names, otherwise overview.json in the
 * folder. Returns an empty text if neither file exists.
 */
export function homeDashboardIn(folder: string, env: Readonly<Record<string, string | undefined>>): string {
  const overview = join(folder, "overview.json");
  return env[HOME_DASHBOARD] ?? (existsSync(overview) ? overview : "");
}

export interface StackConfig {
  readonly folder: string;
  /** The folder of which `folder` is a copy. Undefined if the servers use the original. */
  readonly copyOf?: string;
  /** Files of the copy that the user has changed, and that are therefore not copied again. */
  readonly kept: readonly string[];
}

/** File in the copied folder that contains the digest of each file at the time of copying. */
const DIGESTS = ".copied.json";

const digestOf = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/**
 * Returns the configuration folder for the servers. Without a port offset, returns the original folder. With an offset,
 * returns a copy with changed ports; each start updates the copy except for files that the user has changed.
 */
export function prepareConfig(folder: string, dataDir: string, portOffset: number): StackConfig {
  if (portOffset === 0) return { folder, kept: [] };
  const copy = join(dataDir, `config-offset-${portOffset}`);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    // Backups belong to the folder in which a page has changed a file.
    (entry) => !entry.isDirectory() && !entry.name.endsWith(".before-change"),
  );
  const before = digestsIn(copy);
  const digests: Record<string, string> = {};
  const kept: string[] = [];
  for (const { parentPath, name } of files) {
    const path = relative(folder, join(parentPath, name));
    const target = join(copy, path);
    const text = copiedBytes(join(parentPath, name), path, portOffset);
    const digest = digestOf(text);
    const present = existsSync(target) ? digestOf(readFileSync(target)) : undefined;
    // Counts a file without a recorded digest as unchanged, because an earlier version of this program has written it.
    const isChanged = before !== undefined && present !== undefined && present !== before[path];
    const isKept = isChanged && present !== digest;
    if (isKept) kept.push(path);
    else if (present !== digest) {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    digests[path] = isKept ? (before[path] ?? "") : digest;
  }
  writeFileSync(join(copy, DIGESTS), JSON.stringify(digests));
  return { folder: copy, copyOf: folder, kept };
}

function digestsIn(copy: string): Readonly<Record<string, string>> | undefined {
  try {
    return JSON.parse(readFileSync(join(copy, DIGESTS), "utf8")) as Readonly<Record<string, string>>;
  } catch {
    // Returns undefined if the folder is no copy, or if an earlier version copied it without a file of digests.
    return undefined;
  }
}

function copiedBytes(file: string, path: string, portOffset: number): Uint8Array | string {
  const bytes = readFileSync(file);
  const hasPorts = path === "prometheus.yml" || path === "alertmanager.yml";
  return hasPorts ? shiftPorts(bytes.toString("utf8"), portOffset) : bytes;
}

/** Adds the offset to the port of a server in each `localhost:PORT`. */
export const shiftPorts = (text: string, offset: number): string =>
  text.replace(PORTS, (_, port: string) => `localhost:${Number(port) + offset}`);

/**
 * Returns a note if prometheus.yml or alertmanager.yml of a folder of the user names the usual ports of the stack, which
 * the offset has moved. The files of the user are not changed. Returns undefined if there is nothing to note.
 */
export function unmovedPorts(folder: string, portOffset: number): string | undefined {
  if (portOffset === 0) return undefined;
  for (const name of ["prometheus.yml", "alertmanager.yml"]) {
    const path = join(folder, name);
    const [found] = readFileSync(path, "utf8").match(PORTS) ?? [];
    if (found !== undefined)
      return `--port-offset=${portOffset} does not change the files of --config-dir: ${path} names ${found}; if this is an address of this stack, write ${shiftPorts(found, portOffset)}`;
  }
  return undefined;
}
