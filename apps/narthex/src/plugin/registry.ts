import type { CommandGroup } from "../command-line/command.ts";
import { check } from "./check.ts";
import { create } from "./create.ts";
import { dev } from "./dev.ts";
import { install } from "./install.ts";
import { list } from "./list.ts";
import { pack } from "./pack.ts";
import type { PluginContext } from "./plugin-context.ts";
import { remove } from "./remove.ts";

/** Commands for plugins. To add a command, copy list.ts, add a line here, and run `pnpm docs:write`. */
export const pluginCommands: CommandGroup<PluginContext> = {
  name: "narthex plugin",
  help: "Write, pack and install plugins for panels and data sources of the dashboards.",
  commands: [create, dev, check, pack, install, list, remove],
};
