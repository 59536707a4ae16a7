import { type Host, Lifecycle, startRole, stopRequested } from "@narthex/runtime";
import { compose } from "./compose.ts";
import { flags } from "./flags.ts";

/** Runs the Pushgateway until the host is asked to stop; the exit status. */
export async function main(host: Host): Promise<number> {
  const role = startRole(host, { program: "pushgateway", about: "The Pushgateway", table: flags });
  if ("exit" in role) return role.exit;
  const lifecycle = new Lifecycle({ clock: host.clock, logger: role.logger, deadlineMs: 8000 });
  try {
    await compose(host, role, lifecycle);
    await stopRequested(host);
    return 0;
  } catch (error) {
    role.logger.error("pushgateway failed", { err: error });
    return 1;
  } finally {
    await lifecycle.stop();
  }
}
