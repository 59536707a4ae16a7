import type { Host } from "@narthex/runtime";

/** Words after `narthex dashboards` that are commands for files. */
const COMMANDS: ReadonlySet<string> = new Set(["check", "diff", "fmt", "render"]);

/**
 * Starts the dashboards role, or runs a command for dashboard files if the first word names one. Only the code that is
 * needed is loaded.
 */
export async function runDashboards(host: Host): Promise<number> {
  if (COMMANDS.has(host.args[0] ?? "")) return (await import("./main.ts")).runDashboardCommand(host);
  return (await import("@narthex/dashboards-app")).main(host);
}
