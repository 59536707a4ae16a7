import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { dataPathProblem, type Host } from "@narthex/runtime";
import { type LoadedSettings, loadSettings, SettingsError } from "./load-settings.ts";

/**
 * Folder for the state, relative to the working directory, if `paths.data` is not set and the default folder is not
 * available.
 */
export const FALLBACK_DATA_FOLDER = "data/dashboards";

const DEFAULT_FILE = "/etc/grafana/grafana.ini";

/**
 * Reads the dashboards server's settings from grafana.ini, environment variables and `cfg:` arguments. Throws
 * SettingsError.
 * @param file the value of `--config`; empty if it is not set
 */
export const readSettings = (
  host: Pick<Host, "env" | "cwd">,
  file: string,
  overrides: readonly string[],
): LoadedSettings =>
  loadSettings({
    env: host.env,
    overrides,
    ini: settingsFile(host, file),
    readFile: (path) => readFileSync(resolve(host.cwd, path), "utf8"),
  });

function settingsFile(
  { cwd, env }: Pick<Host, "env" | "cwd">,
  flag: string,
): { file: string; text: string } | undefined {
  const chosen = flag || env["GF_PATHS_CONFIG"] || "";
  const file = resolve(cwd, chosen || DEFAULT_FILE);
  try {
    return { file, text: readFileSync(file, "utf8") };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    // A missing file is accepted if the environment variable names it: the container image sets the variable, and users
    // may omit the file.
    if (isMissing && flag === "") return undefined;
    throw new SettingsError(dataPathProblem(error, file, flag === "" ? "GF_PATHS_CONFIG" : "--config"), {
      cause: error,
    });
  }
}
