import { resolve } from "node:path";
import { readPlugin } from "@narthex/plugins";
import { defineCommand } from "../command-line/command.ts";
import type { PluginContext } from "./plugin-context.ts";

export const check = defineCommand<PluginContext>({
  name: "check",
  help: "Check the description and the files of a plugin's folder.",
  operands: "[<folder>]",
  async run({ operands: [folder = "."] }, { host }) {
    const { id, kind, version, hosts } = readPlugin(resolve(host.cwd, folder)).manifest;
    host.stdout(`${id} ${version}: a ${kind} that is valid\n`);
    if (kind === "source") host.stdout(`may reach: ${hosts.join(", ")}\n`);
    return 0;
  },
});
