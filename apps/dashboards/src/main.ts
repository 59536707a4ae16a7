import { type Host, runUntilStopped, startRole } from "@narthex/runtime";
import { splitArguments } from "./arguments.ts";
import { compose } from "./compose.ts";
import { flags } from "./flags.ts";

export { type GrafanaState, readGrafanaDatabase } from "./grafana-state/grafana-database.ts";
export { provisionedSources, type ProvisionedSource } from "./provisioning/provisioned-sources.ts";
export { ProvisioningError } from "./provisioning/provisioning-file.ts";
export { unreadFiles } from "./provisioning/unread-files.ts";
export { settingsAddress } from "./settings/listen-address.ts";
export { SettingsError } from "./settings/load-settings.ts";
export { FALLBACK_DATA_FOLDER, readSettings } from "./settings/read-settings.ts";
export { flags, splitArguments };

/**
 * Runs Grafana's command line tool, or the dashboards server until the host asks it to stop. Returns the exit status.
 */
export async function main(host: Host): Promise<number> {
  if (host.args[0] === "cli") {
    const { runCli } = await import("./cli/cli.ts");
    return runCli({ ...host, args: host.args.slice(1) });
  }
  const { flags: args, overrides } = splitArguments(host.args);
  const role = startRole(
    { ...host, args },
    {
      program: "grafana",
      about: "Dashboards, in place of Grafana",
      table: flags,
    },
  );
  if ("exit" in role) return role.exit;
  return runUntilStopped(host, role.logger, "dashboards", (lifecycle) => compose(host, role, { lifecycle, overrides }));
}
