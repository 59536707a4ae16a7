import { field, type HttpClientConfig, integer, INVALID, millis, section, text } from "@narthex/config";
import type { Discoverer } from "../../discoverer.ts";
import { definePolled } from "../../polled-discoverer.ts";

/** One entry of `gce_sd_configs`. */
export interface GceDiscovery {
  readonly project: string;
  readonly zone: string;
  /** Expression that selects instances, in the language of the Compute Engine API; "" for all. */
  readonly filter: string;
  readonly refreshIntervalMs: number;
  readonly port: number;
  readonly tagSeparator: string;
}

/** How a discoverer reaches Google. The section has no fields for it. */
export interface GceAccess {
  /** File with credentials; "" for Google's default credentials. */
  readonly credentialsFile: string;
  /** Settings for all requests. Default: the proxy of the environment. */
  readonly httpClient?: HttpClientConfig;
}

const gceSection = section<GceDiscovery>(
  "gce.plain",
  {
    project: field("project", text, "", true),
    zone: field("zone", text, "", true),
    filter: field("filter", text, ""),
    refreshIntervalMs: field("refresh_interval", millis, 60_000),
    port: field("port", integer, 80, true),
    tagSeparator: field("tag_separator", text, ","),
  },
  (value, at, report) => {
    for (const key of ["project", "zone"] as const) {
      if (value[key] !== "") continue;
      report(at[key], "gce-sd", `GCE SD configuration requires a ${key}`, `add ${key}, as the console shows it`);
      return INVALID;
    }
    return value;
  },
);

/** Returns a discoverer for the instances of Google Compute Engine in one zone. */
export const createGceDiscoverer = (access: GceAccess): Discoverer =>
  definePolled<GceDiscovery>({
    key: "gce_sd_configs",
    name: "gce",
    codec: gceSection,
    intervalMs: (config) => config.refreshIntervalMs,
    open: async (config, context) => (await import("./instances.ts")).openInstances(config, context, access),
  });

/** Finds the instances of Google Compute Engine in one zone, with Google's default credentials. */
export const gceDiscoverer = createGceDiscoverer({ credentialsFile: "" });
