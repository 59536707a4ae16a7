import type { Host } from "@narthex/runtime";

/** The words behind `narthex dashboards` that are commands on files. */
const COMMANDS: ReadonlySet<string> = new Set(["check", "diff", "fmt", "render"]);

/** Starts the role, or runs the command on files that the first word names; each is loaded alone. */
export async function runDashboards(host: Host): Promise<number> {
  if (COMMANDS.has(host.args[0] ?? "")) return (await import("./main.ts")).runDashboardCommand(host);
  return (await import("@narthex/dashboards-app")).main(host);
}
