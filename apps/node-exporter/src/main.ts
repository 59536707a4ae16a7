import { type Host, runUntilStopped, startRole } from "@narthex/runtime";
import { cadvisorFlags } from "./cadvisor/flags.ts";
import { compose } from "./compose.ts";
import { flags } from "./flags.ts";

export { cadvisorFlags, flags };

/** Runs the node exporter until the host asks it to stop. Resolves with the exit status. */
export async function main(host: Host): Promise<number> {
  const role = startRole(host, {
    program: "node_exporter",
    about: "Prometheus exporter for hardware and OS metrics.",
    table: flags,
  });
  if ("exit" in role) return role.exit;
  return runUntilStopped(host, role.logger, "node_exporter", (lifecycle) => compose(host, role, lifecycle));
}

/**
 * Runs only the containers collector, as a replacement for cAdvisor. Its code is loaded by this call. Resolves with the
 * exit status.
 */
export async function cadvisor(host: Host): Promise<number> {
  const { cadvisorMain } = await import("./cadvisor/main.ts");
  return cadvisorMain(host);
}
