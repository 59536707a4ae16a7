import { flags as alertmanager } from "@narthex/alertmanager-app";
import { flags as dashboards } from "@narthex/dashboards-app";
import { cadvisorFlags as cadvisor, flags as nodeExporter } from "@narthex/node-exporter-app";
import { flags as pushgateway } from "@narthex/pushgateway-app";
import type { FlagTable } from "@narthex/runtime";
import { flags as server } from "@narthex/server-app";
import { amtool } from "../amtool/registry.ts";
import { commands } from "../commands.ts";
import { dashboardCommands } from "../dashboards/registry.ts";
import { flags as doctor } from "../doctor/flags.ts";
import { flags as init } from "../init/flags.ts";
import { flags as migrate } from "../migrate/flags.ts";
import { pluginCommands } from "../plugin/registry.ts";
import { promtoolCommands } from "../promtool/registry.ts";
import { serviceCommands } from "../service/registry.ts";
import { flags as up } from "../up/flags.ts";
import { type CommandNode, isGroup } from "./command.ts";

/** A command with everything that its --help lists. Shell completions and the man page are generated from this data. */
export interface CommandTable {
  readonly name: string;
  readonly help: string;
  /** Flags of the command and its parent commands, without hidden flags. */
  readonly flags: FlagTable;
  /** Operands as in the usage line; may be empty. */
  readonly operands: string;
  readonly commands: readonly CommandTable[];
}

interface Row {
  readonly flags: FlagTable;
  readonly commands?: readonly CommandNode<never>[];
}

/**
 * Flags and subcommands of each `narthex` command. To add a command, add a row. Commands must not import this file,
 * because it loads the code of all servers.
 */
const rows: Readonly<Record<string, Row>> = {
  up: { flags: up },
  init: { flags: init },
  doctor: { flags: doctor },
  migrate: { flags: migrate },
  server: { flags: server },
  alertmanager: { flags: alertmanager },
  pushgateway: { flags: pushgateway },
  "node-exporter": { flags: nodeExporter },
  cadvisor: { flags: cadvisor },
  dashboards: { flags: dashboards, commands: dashboardCommands.commands },
  promtool: { flags: promtoolCommands.flags ?? {}, commands: promtoolCommands.commands },
  amtool: { flags: amtool.flags ?? {}, commands: amtool.commands },
  service: { flags: serviceCommands.flags ?? {}, commands: serviceCommands.commands },
  plugin: { flags: pluginCommands.flags ?? {}, commands: pluginCommands.commands },
};

/** The commands of `narthex`, as `narthex --help` lists them. */
export const commandTables: readonly CommandTable[] = commands.map(({ name, help }) => {
  const row = rows[name];
  if (row === undefined) throw new Error(`the command ${name} has no row in ${import.meta.filename}`);
  // Flags that the command inherits. The subcommands of `narthex dashboards` for files do not accept the flags of the
  // dashboards server.
  const inherited = name === "dashboards" ? (dashboardCommands.flags ?? {}) : row.flags;
  return {
    name,
    help,
    flags: shown(row.flags),
    operands: "",
    commands: (row.commands ?? []).map((node) => tableOf(node, inherited)),
  };
});

function tableOf<Context>(node: CommandNode<Context>, inherited: FlagTable): CommandTable {
  const all = { ...inherited, ...node.flags };
  const { name, help } = node;
  return isGroup(node)
    ? { name, help, flags: shown(all), operands: "", commands: node.commands.map((child) => tableOf(child, all)) }
    : { name, help, flags: shown(all), operands: node.operands, commands: [] };
}

function shown(table: FlagTable): FlagTable {
  return Object.fromEntries(Object.entries(table).filter(([, flag]) => flag.hidden !== true));
}
