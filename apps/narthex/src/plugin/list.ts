import { readPluginFolder } from "@narthex/plugins";
import { defineCommand } from "../command-line/command.ts";
import { folderFlags, type PluginContext, pluginsFolder } from "./plugin-context.ts";

export const list = defineCommand<PluginContext, typeof folderFlags>({
  name: "list",
  help: "List the installed plugins. The exit status is 1 if one of them cannot be used.",
  flags: folderFlags,
  async run({ values }, { host }) {
    const { plugins, problems } = readPluginFolder(pluginsFolder(host, values["plugins-dir"]));
    for (const { manifest } of plugins)
      host.stdout(`${manifest.id} ${manifest.version} (${manifest.kind}): ${manifest.name}\n`);
    for (const problem of problems) host.stderr(`narthex plugin: ${problem}\n`);
    return problems.length === 0 ? 0 : 1;
  },
});
