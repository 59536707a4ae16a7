import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CONTRACT_TEXT, idProblem, MANIFEST_FILE } from "@narthex/plugins";
import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import type { PluginContext } from "./plugin-context.ts";
import { inTypescript } from "./typescript-module.ts";
import { PANEL_MODULE, panelManifest } from "./panel-template.ts";
import { SOURCE_MODULE, sourceManifest } from "./source-template.ts";

const flags = {
  kind: flagKinds.choice("panel", ["panel", "source"], "Kind of the plugin."),
  typescript: flagKinds.flag(false, "Write the module in TypeScript."),
};

export const create = defineCommand<PluginContext, typeof flags>({
  name: "create",
  help: "Write the folder of a new plugin that works: a description, a module, and the types of the contract.",
  operands: "<name>",
  flags,
  async run({ values, operands }, { host }) {
    const [name = ""] = operands;
    if (operands.length !== 1) throw new CommandError("name the new plugin, such as calendar-of-days");
    const problem = idProblem(name);
    if (problem !== undefined) throw new CommandError(problem.replace('"id"', "the name"));
    const folder = resolve(host.cwd, name);
    if (existsSync(folder)) throw new CommandError(`${name} exists already; choose another name, or remove it`);
    const isPanel = values.kind === "panel";
    const entry = values.typescript ? "module.ts" : "module.js";
    const module = isPanel ? PANEL_MODULE : SOURCE_MODULE;
    mkdirSync(folder);
    writeFileSync(join(folder, MANIFEST_FILE), isPanel ? panelManifest(name, entry) : sourceManifest(name, entry));
    writeFileSync(join(folder, entry), values.typescript ? inTypescript(module) : module);
    writeFileSync(join(folder, "narthex-plugin.d.ts"), CONTRACT_TEXT);
    for (const file of [MANIFEST_FILE, entry, "narthex-plugin.d.ts"]) host.stdout(`${name}/${file}\n`);
    return 0;
  },
});
