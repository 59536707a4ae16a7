import type { Host } from "@narthex/runtime";

/**
 * A sub-command. Its code is loaded when the command is called, so that promtool, for example, does not load the
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
    help: "writes a configuration that explains itself, by questions or flags",
    load: async () => (await import("./init/init.ts")).runInit,
  },
  {
    name: "doctor",
    help: "looks for what is wrong or will go wrong, and says how to mend it",
    load: async () => (await import("./doctor/doctor.ts")).runDoctor,
  },
  {
    name: "migrate",
    help: "reads a running Prometheus stack and plans Narthex in its place; --apply writes it",
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
    help: "metrics of containers alone, under cAdvisor's flags (:8080)",
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
];

/** Returns the text of `narthex --help`. */
export function usage(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, help }) => `  ${name.padEnd(width)}  ${help}`);
  return `usage: narthex <command> [<flags>]\n\nCommands:\n${rows.join("\n")}\n\nEach command takes the flags of the program it stands in for; see narthex <command> --help.\n`;
}
