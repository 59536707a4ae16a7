import { accessSync, constants, existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FALLBACK_DATA_FOLDER, readSettings, settingsAddress, SettingsError } from "@narthex/dashboards-app";
import type { Host } from "@narthex/runtime";

/** What the dashboards' settings say of where they listen and what they read and write. */
interface DashboardsSettings {
  readonly address: string;
  readonly data: string;
  readonly provisioning: string;
  /** Settings without effect, in sentences. */
  readonly warnings: readonly string[];
}

/** The settings as the dashboards themselves read them; or why they would not start with them. */
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

/** Arguments are told by their keys: their values may be passwords. */
const withoutValues = (message: string, overrides: readonly string[]): string =>
  overrides.reduce((text, entry) => text.replaceAll(`cfg:${entry}`, `cfg:${entry.split("=")[0]}`), message);

/** May this user write into the folder, or make it? */
function canBeMade(folder: string): boolean {
  if (!existsSync(folder) && dirname(folder) !== folder) return canBeMade(dirname(folder));
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
