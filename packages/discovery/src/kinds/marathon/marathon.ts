import { definePolled } from "../../polled-discoverer.ts";
import { type MarathonDiscovery, marathonSection } from "./marathon-section.ts";

/** Finds the tasks of all apps of a Marathon cluster. */
export const marathonDiscoverer = definePolled<MarathonDiscovery>({
  key: "marathon_sd_configs",
  name: "marathon",
  codec: marathonSection,
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./apps.ts")).openApps(config, context),
});
