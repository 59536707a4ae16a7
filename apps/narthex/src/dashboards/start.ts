import type { Host } from "@narthex/runtime";

/** Words after `narthex dashboards` that are commands for files. */
const COMMANDS: ReadonlySet<string> = new Set(["check", "diff", "fmt", "render"]);

/** Starts the role, or runs the command for files that the first word names. Loads only the one that is needed. */
export async function runDashboards(host: Host): Promise<number> {
  if (COMMANDS.has(host.args[0] ?? "")) return (await import("./main.ts")).runDashboardCommand(host);
  return (await import("@narthex/dashboards-app")).main(host);
}
