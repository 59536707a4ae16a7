import type { PromtoolContext } from "./command.ts";
import type { CommandGroup } from "../command-line/command.ts";
import { checkConfig, lookbackFlag } from "./check-config.ts";
import { checkDiscovery } from "./service-discovery/check-discovery.ts";
import { checkHealthy, checkReady } from "./check-health.ts";
import { checkMetrics, extendedFlag } from "./check-metrics.ts";
import { checkRules } from "./check-rules.ts";
import { checkWebConfig } from "./check-web-config.ts";

/**
 * The commands of `promtool check …`. Editors and deployments run these commands often, so they start without the
 * modules of other commands. Modules that only some check commands need are imported when they are used.
 */
export const checkCommands: CommandGroup<PromtoolContext> = {
  name: "check",
  help: "Check the resources for validity.",
  flags: { ...lookbackFlag, ...extendedFlag },
  commands: [checkDiscovery, checkConfig, checkRules, checkMetrics, checkWebConfig, checkHealthy, checkReady],
};
