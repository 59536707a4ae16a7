import {
  field,
  flag,
  type HttpClientConfig,
  httpClientSection,
  inline,
  INVALID,
  millis,
  section,
  text,
} from "@narthex/config";
import { definePolled } from "../../polled-discoverer.ts";
import { serviceUrl } from "../../fields/service-url.ts";
import { nomadMetrics } from "./nomad-metrics.ts";

/** One entry of `nomad_sd_configs`. */
export interface NomadDiscovery {
  readonly allowStale: boolean;
  readonly httpClient: HttpClientConfig;
  readonly namespace: string;
  readonly refreshIntervalMs: number;
  readonly region: string;
  /** URL of a Nomad agent. */
  readonly server: string;
  readonly tagSeparator: string;
}

/** Finds the instances of all services that are registered in Nomad. */
export const nomadDiscoverer = definePolled<NomadDiscovery>({
  key: "nomad_sd_configs",
  name: "nomad",
  metrics: nomadMetrics,
  codec: section<NomadDiscovery>(
    "nomad.plain",
    {
      allowStale: field("allow_stale", flag, true, true),
      httpClient: inline(httpClientSection({ enableHttp2: true })),
      namespace: field("namespace", text, "default", true),
      refreshIntervalMs: field("refresh_interval", millis, 60_000, true),
      region: field("region", text, "global", true),
      server: field("server", serviceUrl, "http://localhost:4646", true),
      tagSeparator: field("tag_separator", text, ","),
    },
    (value, at, report) => {
      if (value.server.trim() !== "") return value;
      const message = "nomad SD configuration requires a server address";
      report(at.server, "nomad-sd-server", message, "write the URL of an agent, or leave the key out");
      return INVALID;
    },
  ),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./services.ts")).openServices(config, context),
});
