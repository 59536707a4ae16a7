import { type ConfigFiles, diskFiles, loadPrometheusConfig, type PrometheusConfig } from "@narthex/config";
import { secretPlaces } from "../doctor/named-files.ts";
import type { ServiceDefinition } from "./service-manager.ts";
import { rooted, type System } from "./system.ts";

/** Files that a server's configuration refers to. */
export interface ConfiguredPaths {
  readonly reads: readonly string[];
  /** Log files to which the server writes. */
  readonly writes: readonly string[];
}

const NONE: ConfiguredPaths = { reads: [], writes: [] };

/**
 * Returns the files that a server's configuration refers to. Empty if the configuration is missing or cannot be read;
 * the server itself reports the reason.
 */
export async function configuredPaths(
  { role, args }: Pick<ServiceDefinition, "role" | "args">,
  system: System,
): Promise<ConfiguredPaths> {
  const file = args.value("config.file");
  if (file === undefined || role.configuration === undefined) return NONE;
  const files = rootedFiles(system);
  if (!(await files.exists(file))) return NONE;
  if (role.configuration === "alertmanager") {
    const { readAlertmanager } = await import("../config-check/alertmanager-problems.ts");
    const { config } = await readAlertmanager(file, { host: system.host, files });
    return { reads: namedFiles(config), writes: [] };
  }
  const { discoverers, jobDiscoveryKinds } = await import("@narthex/discovery");
  const agent = args.words.includes("--agent");
  const loaded = await loadPrometheusConfig(file, {
    files,
    env: system.host.env,
    agent,
    discoveryKinds: discoverers,
    jobDiscoveryKinds,
  });
  if (!loaded.ok) return NONE;
  const writes = logsOf(loaded.value);
  return { reads: namedFiles(loaded.value).filter((path) => !writes.includes(path)), writes };
}

const namedFiles = (config: unknown): readonly string[] => secretPlaces(config).files.map(({ path }) => path);

function logsOf({ global, scrapeConfigs }: PrometheusConfig): readonly string[] {
  const logs = [
    global.queryLogFile,
    global.scrapeFailureLogFile,
    ...scrapeConfigs.map((job) => job.scrapeFailureLogFile),
  ];
  return [...new Set(logs.filter((path) => path !== ""))];
}

/** Returns access to files below the folder that is used as the root. */
const rootedFiles = (system: System): ConfigFiles => ({
  read: (path) => diskFiles.read(rooted(system, path)),
  list: (path) => diskFiles.list(rooted(system, path)),
  exists: (path) => diskFiles.exists(rooted(system, path)),
});
