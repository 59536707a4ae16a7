import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { dataPathProblem, type Host } from "@narthex/runtime";
import { type LoadedSettings, loadSettings, SettingsError } from "./load-settings.ts";

/** Where the state goes, from the working directory on, when nobody has named `paths.data` and its default cannot be had. */
export const FALLBACK_DATA_FOLDER = "data/dashboards";

const DEFAULT_FILE = "/etc/grafana/grafana.ini";

/**
 * The settings as the role has them: grafana.ini, variables, and `cfg:` arguments. Throws SettingsError.
 *
 * @param file what `--config` says, "" for nothing
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
    // The variable is part of the image, whose users may leave the file out.
    if (isMissing && flag === "") return undefined;
    throw new SettingsError(dataPathProblem(error, file, flag === "" ? "GF_PATHS_CONFIG" : "--config"), {
      cause: error,
    });
  }
}
