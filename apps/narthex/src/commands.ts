import type { Host } from "@narthex/runtime";

/**
 * A subcommand of `narthex`. Its code is loaded when it is called, so that promtool, for example, does not load the
 * server.
 */
export interface Command {
  readonly name: string;
  readonly help: string;
  load(): Promise<(host: Host) => Promise<number>>;
}

/** All sub-commands. To add one, add a row here and a file that exports a function from host to exit status. */
export const commands: readonly Command[] = [
  {
    name: "up",
    help: "the whole stack in one process tree, with a starter config",
    load: async () => (await import("./up/up.ts")).runUp,
  },
  {
    name: "init",
    help: "writes a configuration with explanations, from questions or flags",
    load: async () => (await import("./init/init.ts")).runInit,
  },
  {
    name: "doctor",
    help: "finds problems of an installation and shows how to solve them",
    load: async () => (await import("./doctor/doctor.ts")).runDoctor,
  },
  {
    name: "migrate",
    help: "reads a running Prometheus stack and plans its replacement by Narthex; --apply writes the files",
    load: async () => (await import("./migrate/migrate.ts")).runMigrate,
  },
  {
    name: "server",
    help: "scraping, storage, queries and rules, in place of Prometheus (:9090)",
    load: async () => (await import("@narthex/server-app")).main,
  },
  {
    name: "alertmanager",
    help: "grouping, routing and sending of alerts, in place of Alertmanager (:9093)",
    load: async () => (await import("@narthex/alertmanager-app")).main,
  },
  {
    name: "pushgateway",
    help: "metrics pushed by batch jobs, in place of Pushgateway (:9091)",
    load: async () => (await import("@narthex/pushgateway-app")).main,
  },
  {
    name: "node-exporter",
    help: "metrics of this host, in place of node_exporter (:9100)",
    load: async () => (await import("@narthex/node-exporter-app")).main,
  },
  {
    name: "cadvisor",
    help: "only metrics of containers, with cAdvisor's flags (:8080)",
    load: async () => (await import("@narthex/node-exporter-app")).cadvisor,
  },
  {
    name: "dashboards",
    help: "dashboards over data sources, in place of Grafana (:3000); check, fmt, diff: dashboards in files",
    load: async () => (await import("./dashboards/start.ts")).runDashboards,
  },
  {
    name: "promtool",
    help: "checks and queries, in place of promtool",
    load: async () => (await import("./promtool/main.ts")).runPromtool,
  },
  {
    name: "amtool",
    help: "the Alertmanager's command line, in place of amtool",
    load: async () => (await import("./amtool/main.ts")).runAmtool,
  },
  {
    name: "service",
    help: "roles as services that start with the host: install, status, logs, uninstall",
    load: async () => (await import("./service/main.ts")).runService,
  },
  {
    name: "plugin",
    help: "plugins for panels and data sources: create, check, pack, install, list, remove",
    load: async () => (await import("./plugin/main.ts")).runPlugin,
  },
];

export function usage(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, help }) => `  ${name.padEnd(width)}  ${help}`);
  return `usage: narthex <command> [<flags>]\n\nCommands:\n${rows.join("\n")}\n\nEach command accepts the flags of the program that it replaces; see narthex <command> --help.\n`;
}
