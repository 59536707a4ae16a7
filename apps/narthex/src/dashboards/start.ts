import type { Host } from "@narthex/runtime";

/** Subcommands of `narthex dashboards` that work on files. Without a subcommand, the dashboards server starts. */
const COMMANDS: ReadonlySet<string> = new Set(["check", "diff", "fmt", "render"]);

/** Starts the dashboards server, or runs a subcommand for dashboard files. Loads only the required code. */
export async function runDashboards(host: Host): Promise<number> {
  if (COMMANDS.has(host.args[0] ?? "")) return (await import("./main.ts")).runDashboardCommand(host);
  return (await import("@narthex/dashboards-app")).main(host);
}
