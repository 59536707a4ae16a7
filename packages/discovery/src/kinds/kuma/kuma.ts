import {
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  INVALID,
  millis,
  section,
  text,
  withoutPassword,
} from "@narthex/config";
import { defineWatched } from "../../discoverer.ts";
import { schemeAndHost, serviceUrl } from "../../fields/service-url.ts";
import { kumaMetrics } from "./kuma-metrics.ts";

/** One entry of `kuma_sd_configs`. */
export interface KumaDiscovery {
  readonly httpClient: HttpClientConfig;
  /** Minimum time from one request to the next. */
  readonly refreshIntervalMs: number;
  /** Time after which the control plane answers although nothing has changed. */
  readonly fetchTimeoutMs: number;
  /** URL of the control plane's server for monitoring assignments, for example `http://kuma:5676`. */
  readonly server: string;
  /** Name by which the control plane knows this client. If empty, the name of the host. */
  readonly clientId: string;
}

/** Finds the dataplanes of a Kuma mesh. */
export const kumaDiscoverer = defineWatched<KumaDiscovery>({
  key: "kuma_sd_configs",
  name: "kuma",
  goType: "xds.SDConfig",
  // Prometheus gives the HTTP client of this kind no name.
  dialer: "",
  metrics: kumaMetrics,
  codec: section<KumaDiscovery>(
    "xds.plainKumaConf",
    {
      httpClient: inline(httpClientSection({ enableHttp2: true })),
      refreshIntervalMs: field("refresh_interval", millis, 15_000),
      fetchTimeoutMs: field("fetch_timeout", millis, 120_000),
      server: field("server", serviceUrl, ""),
      clientId: field("client_id", text, ""),
    },
    (value, at, report) => {
      const { scheme, host } = schemeAndHost(value.server);
      if (scheme !== "" && host !== "") return value;
      const rule = value.server === "" ? "must not be empty" : "must not be empty and have a scheme";
      const message = `kuma SD server ${rule}: ${withoutPassword(value.server)}`;
      report(at.server, "kuma-sd-server", message, "write the URL of the control plane, such as http://kuma:5676");
      return INVALID;
    },
  ),
  async watch(config, context, emit) {
    await (await import("./assignments.ts")).watchAssignments(config, context, emit);
  },
});
