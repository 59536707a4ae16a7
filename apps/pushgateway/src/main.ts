import { type Host, runUntilStopped, startRole } from "@narthex/runtime";
import { compose } from "./compose.ts";
import { flags } from "./flags.ts";

export { flags };

/** Runs the Pushgateway until the host asks it to stop. Resolves with the exit status. */
export async function main(host: Host): Promise<number> {
  const role = startRole(host, { program: "pushgateway", about: "The Pushgateway", table: flags });
  if ("exit" in role) return role.exit;
  return runUntilStopped(host, role.logger, "pushgateway", (lifecycle) => compose(host, role, lifecycle));
}
