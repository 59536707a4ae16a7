import type { CommandGroup } from "../command-line/command.ts";
import { check } from "./check.ts";
import { diff } from "./diff.ts";
import { fmt } from "./fmt.ts";
import { render } from "./render.ts";
import type { ToolContext } from "./tool-context.ts";

/**
 * Commands for dashboard files. To add a command: (1) copy fmt.ts, the shortest; (2) fill in name, flags and run; (3)
 * add a line here; (4) run `pnpm docs:write`, which generates help and docs page from the definition.
 */
export const dashboardCommands: CommandGroup<ToolContext> = {
  name: "narthex dashboards",
  help: "Dashboards as code: check, format and compare their JSON. Without one of these commands, the role that replaces Grafana is started.",
  commands: [check, diff, fmt, render],
};
