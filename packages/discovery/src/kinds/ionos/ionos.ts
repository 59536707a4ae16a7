import {
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  integer,
  INVALID,
  millis,
  section,
  text,
} from "@narthex/config";
import { definePolled } from "../../polled-discoverer.ts";

/** One entry of `ionos_sd_configs`. */
export interface IonosDiscovery {
  readonly datacenterId: string;
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
  readonly port: number;
}

/** Finds the servers of a data center of IONOS Cloud. */
export const ionosDiscoverer = definePolled<IonosDiscovery>({
  key: "ionos_sd_configs",
  name: "ionos",
  codec: section<IonosDiscovery>(
    "ionos.plain",
    {
      datacenterId: field("datacenter_id", text, "", true),
      httpClient: inline(httpClientSection({ enableHttp2: true })),
      refreshIntervalMs: field("refresh_interval", millis, 60_000, true),
      port: field("port", integer, 80, true),
    },
    (value, at, report) => {
      if (value.datacenterId !== "") return value;
      const hint = "write the ID of a data center, as the page Data Center Designer shows it";
      report(at.datacenterId, "ionos-datacenter", "datacenter id can't be empty", hint);
      return INVALID;
    },
  ),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./servers.ts")).openServers(config, context),
});
