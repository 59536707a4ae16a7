import {
  field,
  flag,
  type HttpClientConfig,
  httpClientSection,
  inline,
  INVALID,
  integer,
  millis,
  section,
  text,
} from "@narthex/config";
import { definePolled } from "../../polled-discoverer.ts";
import { httpUrlProblem, serviceUrl } from "../../fields/service-url.ts";

/** One entry of `puppetdb_sd_configs`. */
export interface PuppetDbDiscovery {
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
  readonly url: string;
  /** Query in the Puppet query language. Its result must be resources. */
  readonly query: string;
  /** Whether the parameters of resources become labels. Parameters can contain secrets. */
  readonly includeParameters: boolean;
  readonly port: number;
}

/** Finds the resources that a PuppetDB returns for a query. */
export const puppetdbDiscoverer = definePolled<PuppetDbDiscovery>({
  key: "puppetdb_sd_configs",
  name: "puppetdb",
  dialer: "http",
  codec: section<PuppetDbDiscovery>(
    "puppetdb.plain",
    {
      httpClient: inline(httpClientSection({ enableHttp2: true })),
      refreshIntervalMs: field("refresh_interval", millis, 60_000),
      url: field("url", serviceUrl, "", true),
      query: field("query", text, "", true),
      includeParameters: field("include_parameters", flag, false, true),
      port: field("port", integer, 80, true),
    },
    (value, at, report) => {
      const problem = httpUrlProblem(value.url);
      if (problem !== undefined) {
        report(at.url, "puppetdb-sd-url", problem, "write the URL of PuppetDB, such as https://puppetdb:8081");
      } else if (value.query === "") {
        report(at.query, "puppetdb-sd-query", "query missing", "write a query such as: resources { type = 'Class' }");
      } else return value;
      return INVALID;
    },
  ),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./resources.ts")).openResources(config, context),
});
