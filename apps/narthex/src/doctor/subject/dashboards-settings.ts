import { accessSync, constants, existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FALLBACK_DATA_FOLDER, readSettings, settingsAddress, SettingsError } from "@narthex/dashboards-app";
import type { Host } from "@narthex/runtime";

interface DashboardsSettings {
  readonly address: string;
  readonly data: string;
  readonly provisioning: string;
  /** A warning for each setting without an effect. */
  readonly warnings: readonly string[];
}

/**
 * Reads the dashboards server's settings as the server does at its start. Returns the problem if the server would
 * refuse them.
 */
export function dashboardsSettings(
  host: Pick<Host, "cwd" | "env">,
  file: string,
  overrides: readonly string[],
): DashboardsSettings | { readonly problem: string } {
  try {
    const { values, given, warnings } = readSettings(host, file, overrides);
    const data = resolve(host.cwd, values["paths.data"]);
    return {
      address: settingsAddress(values),
      data: given.has("paths.data") || canBeMade(data) ? data : resolve(host.cwd, FALLBACK_DATA_FOLDER),
      provisioning: resolve(host.cwd, values["paths.provisioning"]),
      warnings: warnings.map((warning) => withoutValues(warning, overrides)),
    };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { problem: withoutValues(error.message, overrides) };
  }
}

/** Removes the values of `cfg:` arguments from a message, because they may be passwords. */
const withoutValues = (message: string, overrides: readonly string[]): string =>
  overrides.reduce((text, entry) => text.replaceAll(`cfg:${entry}`, `cfg:${entry.split("=")[0]}`), message);

/** Reports whether this user can write to the folder or create it. */
function canBeMade(folder: string): boolean {
  if (!existsSync(folder) && dirname(folder) !== folder) return canBeMade(dirname(folder));
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
