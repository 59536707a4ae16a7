import { lstatSync, rmSync } from "node:fs";
import { join } from "node:path";
import { idProblem } from "@narthex/plugins";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { folderFlags, type PluginContext, pluginsFolder } from "./plugin-context.ts";

export const remove = defineCommand<PluginContext, typeof folderFlags>({
  name: "remove",
  help: "Remove an installed plugin. Dashboards and data sources that use it are kept.",
  operands: "<id>",
  flags: folderFlags,
  async run({ values, operands: [id = ""] }, { host }) {
    const problem = idProblem(id);
    if (problem !== undefined) throw new CommandError(problem);
    const folder = pluginsFolder(host, values["plugins-dir"]);
    const path = join(folder, id);
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new CommandError(`${folder} contains no plugin "${id}"; narthex plugin list shows the plugins`);
    rmSync(path, { recursive: true });
    host.stdout(`${id} was removed from ${folder}\n`);
    return 0;
  },
});
