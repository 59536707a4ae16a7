import { field, type HttpClientConfig, httpClientSection, inline, INVALID, millis, section } from "@narthex/config";
import { definePolled } from "../../polled-discoverer.ts";
import { schemeAndHost, serviceUrl } from "../../fields/service-url.ts";

/** One entry of `eureka_sd_configs`. */
export interface EurekaDiscovery {
  /** URL of the API, for example `http://eureka:8761/eureka`. */
  readonly server: string;
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
}

/** Finds the instances of all applications in a Eureka registry. */
export const eurekaDiscoverer = definePolled<EurekaDiscovery>({
  key: "eureka_sd_configs",
  name: "eureka",
  codec: section<EurekaDiscovery>(
    "eureka.plain",
    {
      server: field("server", serviceUrl, ""),
      httpClient: inline(httpClientSection({ enableHttp2: true })),
      refreshIntervalMs: field("refresh_interval", millis, 30_000),
    },
    (value, at, report) => {
      const problem = serverProblem(value.server);
      if (problem === undefined) return value;
      report(at.server, "eureka-sd-server", problem, "write the URL of the API, such as http://eureka:8761/eureka");
      return INVALID;
    },
  ),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./applications.ts")).openApplications(config, context),
});

function serverProblem(server: string): string | undefined {
  if (server === "") return "eureka_sd: empty or null eureka server";
  const { scheme, host } = schemeAndHost(server);
  return scheme === "" || host === "" ? "eureka_sd: invalid eureka server URL" : undefined;
}
