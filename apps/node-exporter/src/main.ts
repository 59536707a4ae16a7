import { type Host, Lifecycle, startRole, stopRequested } from "@narthex/runtime";
import { flags } from "./flags.ts";
import { startParts } from "./wire.ts";

/** Runs the node exporter until the host is asked to stop; the exit status. */
export async function main(host: Host): Promise<number> {
  const role = startRole(host, {
    program: "node_exporter",
    about: "Prometheus exporter for hardware and OS metrics.",
    table: flags,
  });
  if ("exit" in role) return role.exit;
  const { logger } = role;
  const parts = new Lifecycle({ clock: host.clock, logger, deadlineMs: 8000 });
  try {
    await startParts(host, role, parts);
    await stopRequested(host);
    return 0;
  } catch (error) {
    logger.error("node_exporter failed", { err: error });
    return 1;
  } finally {
    await parts.stop();
  }
}
