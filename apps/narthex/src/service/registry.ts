import type { CommandGroup } from "../command-line/command.ts";
import { install } from "./install.ts";
import { launchd } from "./launchd.ts";
import { logs } from "./logs.ts";
import type { ServiceContext } from "./service-context.ts";
import type { ServiceManager } from "./service-manager.ts";
import { status } from "./status.ts";
import { systemd } from "./systemd.ts";
import { uninstall } from "./uninstall.ts";
import { taskScheduler } from "./windows.ts";

/**
 * Supported init systems, one for each platform. To add an init system, export a ServiceManager from a new file, add a
 * line here, and add a section to docs/services.md.
 */
export const SERVICE_MANAGERS: readonly ServiceManager[] = [systemd, launchd, taskScheduler];

export const serviceCommands: CommandGroup<ServiceContext> = {
  name: "narthex service",
  help: "Run roles as services that start with this host. ROLE is server, alertmanager, pushgateway, node-exporter, dashboards or cadvisor; all means the first five.",
  commands: [install, status, logs, uninstall],
};
