import { definePolled } from "../../polled-discoverer.ts";
import { type ScalewayDiscovery, scalewaySection } from "./scaleway-section.ts";

/** Finds the instances or the bare metal servers of a Scaleway project. */
export const scalewayDiscoverer = definePolled<ScalewayDiscovery>({
  key: "scaleway_sd_configs",
  name: "scaleway",
  codec: scalewaySection,
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./inventory.ts")).openInventory(config, context),
});
