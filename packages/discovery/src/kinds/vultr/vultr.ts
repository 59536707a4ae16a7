import { field, type HttpClientConfig, httpClientSection, inline, integer, millis, section } from "@narthex/config";
import { definePolled } from "../../polled-discoverer.ts";

/** One entry of `vultr_sd_configs`. */
export interface VultrDiscovery {
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
  readonly port: number;
}

/** Finds the instances of a Vultr account. */
export const vultrDiscoverer = definePolled<VultrDiscovery>({
  key: "vultr_sd_configs",
  name: "vultr",
  codec: section<VultrDiscovery>("vultr.plain", {
    httpClient: inline(httpClientSection({ enableHttp2: true })),
    refreshIntervalMs: field("refresh_interval", millis, 60_000, true),
    port: field("port", integer, 80, true),
  }),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./instances.ts")).openInstances(config, context),
});
