import {
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  integer,
  millis,
  section,
  text,
} from "@narthex/config";
import { definePolled } from "../../polled-discoverer.ts";
import { linodeMetrics } from "./linode-metrics.ts";

/** One entry of `linode_sd_configs`. */
export interface LinodeDiscovery {
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
  readonly port: number;
  readonly tagSeparator: string;
  /** Name of the region whose instances are found. "" finds those of all regions. */
  readonly region: string;
}

/** Finds the instances of a Linode account. */
export const linodeDiscoverer = definePolled<LinodeDiscovery>({
  key: "linode_sd_configs",
  name: "linode",
  metrics: linodeMetrics,
  codec: section<LinodeDiscovery>("linode.plain", {
    httpClient: inline(httpClientSection({ enableHttp2: true })),
    refreshIntervalMs: field("refresh_interval", millis, 60_000, true),
    port: field("port", integer, 80, true),
    tagSeparator: field("tag_separator", text, ","),
    region: field("region", text, ""),
  }),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./linode-account.ts")).openAccount(config, context),
});
