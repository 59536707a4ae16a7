import { resolve } from "node:path";
import { flagKinds, type Host } from "@narthex/runtime";

export interface PluginContext {
  readonly host: Host;
}

/** The flag of commands that change or list installed plugins. */
export const folderFlags = {
  "plugins-dir": flagKinds.text(
    "",
    "Folder of installed plugins. Default: the environment variable GF_PATHS_PLUGINS, otherwise /var/lib/grafana/plugins.",
  ),
};

/** Returns the folder of installed plugins, as the dashboards role finds it without a settings file. */
export function pluginsFolder(host: Host, given: string): string {
  const named = given === "" ? (host.env["GF_PATHS_PLUGINS"] ?? "") : given;
  return resolve(host.cwd, named === "" ? "/var/lib/grafana/plugins" : named);
}
