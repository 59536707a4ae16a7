import { dirname, join, resolve } from "node:path";
import { readPlugin } from "@narthex/plugins";
import { flagKinds } from "@narthex/runtime";
import { defineCommand } from "../command-line/command.ts";
import type { PluginContext } from "./plugin-context.ts";

/** Name of the folder for the dashboards of the command, next to the folder of the plugin. */
const DATA_FOLDER = ".narthex-plugin-dev";

const flags = {
  port: flagKinds.integer(3000, "Port of the dashboards on this machine."),
  data: flagKinds.text("", `Folder of the dashboards' data. Default: ${DATA_FOLDER} next to the plugin's folder.`),
};

export const dev = defineCommand<PluginContext, typeof flags>({
  name: "dev",
  help: "Start dashboards on this machine with the plugin of a folder, and load it again after each change of a file.",
  operands: "[<folder>]",
  flags,
  async run({ values: { port, data }, operands: [folder = "."] }, { host }) {
    const path = resolve(host.cwd, folder);
    const { id, kind } = readPlugin(path).manifest;
    const place = data === "" ? join(dirname(path), DATA_FOLDER) : resolve(host.cwd, data);
    host.stdout(`The ${kind} ${id} is loaded again after each change. Open http://127.0.0.1:${port}/\n`);
    const settings = {
      "server.http_addr": "127.0.0.1",
      "server.http_port": port,
      "paths.data": place,
      "paths.provisioning": join(place, "provisioning"),
      "plugins.development": path,
    };
    const { main } = await import("@narthex/dashboards-app");
    return main({ ...host, args: Object.entries(settings).map(([key, value]) => `cfg:${key}=${value}`) });
  },
});
