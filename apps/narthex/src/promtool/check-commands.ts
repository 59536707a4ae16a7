import type { PromtoolContext } from "./command.ts";
import type { CommandGroup } from "../command-line/command.ts";
import { checkConfig } from "./check-config.ts";
import { checkHealthy, checkReady } from "./check-health.ts";
import { checkMetrics } from "./check-metrics.ts";
import { checkRules } from "./check-rules.ts";
import { checkWebConfig } from "./check-web-config.ts";

/**
 * `promtool check …`: what editors and deployments run over and over, so it starts without the rest of promtool. What
 * only some of them need is imported where it is used.
 */
export const checkCommands: CommandGroup<PromtoolContext> = {
  name: "check",
  help: "Check the resources for validity.",
  commands: [checkConfig, checkRules, checkMetrics, checkWebConfig, checkHealthy, checkReady],
};
