import { eventLoop, type Host, Lifecycle, startRole, stopRequested, surviveUncaughtErrors } from "@narthex/runtime";
import { flags } from "./flags.ts";
import { compose } from "./compose.ts";

export { FeatureFlagError, readFeatureFlags } from "./feature-flags.ts";
export { flags } from "./flags.ts";

/** Runs the Alertmanager until the host asks it to stop. Resolves with the exit status. */
export async function main(host: Host): Promise<number> {
  const role = startRole(host, { program: "alertmanager", about: "The Alertmanager", table: flags });
  if ("exit" in role) return role.exit;
  const lifecycle = new Lifecycle({ clock: host.clock, logger: role.logger, deadlineMs: 8000 });
  lifecycle.add(eventLoop.watch(role.logger));
  try {
    if (!(await compose(host, role, lifecycle))) return 1;
    lifecycle.add(surviveUncaughtErrors(host, role.logger));
    await stopRequested(host);
    role.logger.info("Received a request to end, exiting gracefully...");
    return 0;
  } catch (error) {
    role.logger.error("alertmanager failed", { err: error });
    return 1;
  } finally {
    await lifecycle.stop();
  }
}
