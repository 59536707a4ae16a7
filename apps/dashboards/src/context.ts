import { resolve } from "node:path";
import { SelfMetrics } from "@narthex/http";
import {
  type BuildInfo,
  type Clock,
  createLogger,
  type FlagValues,
  type Host,
  type Logger,
  type LogLevel,
  makeDataFolder,
  type RoleStart,
  showsOwnMetrics,
} from "@narthex/runtime";
import type { flags as flagTable } from "./flags.ts";
import type { LoadedSettings } from "./settings/load-settings.ts";
import { FALLBACK_DATA_FOLDER, readSettings } from "./settings/read-settings.ts";
import type { Settings } from "./settings/setting-table.ts";
import { type PublicAddress, publicAddress } from "./web/public-address.ts";

export interface Context {
  readonly host: Host;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly build: BuildInfo;
  /** Time of the dashboards server's start, Unix ms. */
  readonly startedAt: number;
  readonly flags: FlagValues<typeof flagTable>;
  readonly settings: Settings;
  readonly address: PublicAddress;
  /** Folder of the state. It exists and is writable. */
  readonly dataFolder: string;
  readonly metrics: SelfMetrics;
}

/** Reads the settings and prepares the data folder. Throws SettingsError or DataPathError. */
export function openContext(
  host: Host,
  { flags, given, logger, build }: RoleStart<typeof flagTable>,
  overrides: readonly string[],
): Context {
  const loaded = readSettings(host, flags.config, overrides);
  const { values: settings } = loaded;
  const own = given.has("log.level") ? logger : loggerOf(host, settings, logger);
  for (const warning of loaded.warnings) own.warn(warning);
  return {
    host,
    clock: host.clock,
    logger: own,
    build,
    startedAt: host.clock.now(),
    flags,
    settings,
    address: publicAddress(settings),
    dataFolder: dataFolder(host, loaded, own),
    metrics: new SelfMetrics({ showOurs: showsOwnMetrics(host) }),
  };
}

const LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: "debug",
  info: "info",
  warn: "warn",
  warning: "warn",
  error: "error",
  critical: "error",
};

function loggerOf(host: Host, settings: Settings, fallback: Logger): Logger {
  const level = LEVELS[settings["log.level"].toLowerCase()] ?? "info";
  const format = settings["log.console.format"] === "json" ? "json" : "logfmt";
  if (level === "info" && format === "logfmt") return fallback;
  return createLogger({ level, format, clock: host.clock, write: (line) => host.stderr(line) });
}

/**
 * Returns the data folder: the setting `paths.data`, otherwise the default folder, otherwise a folder below the working
 * directory if the default folder is not available.
 */
function dataFolder(host: Host, { values, given }: LoadedSettings, logger: Logger): string {
  const folder = resolve(host.cwd, values["paths.data"]);
  try {
    makeDataFolder(folder, "paths.data");
    return folder;
  } catch (error) {
    if (given.has("paths.data")) throw error;
    const instead = resolve(host.cwd, FALLBACK_DATA_FOLDER);
    makeDataFolder(instead, "paths.data");
    logger.warn("The data folder is not writable: another one is used", { folder, instead });
    return instead;
  }
}
