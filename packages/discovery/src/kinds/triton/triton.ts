import { field, INVALID, integer, listOf, millis, section, text, tlsSection, type TlsConfig } from "@narthex/config";
import { definePolled } from "../../polled-discoverer.ts";

/** One entry of `triton_sd_configs`. */
export interface TritonDiscovery {
  readonly account: string;
  /** `container` for virtual machines, or `cn` for the compute nodes on which they run. */
  readonly role: string;
  /** Suffix of the DNS names of the targets. */
  readonly dnsSuffix: string;
  /** Host of the monitor. */
  readonly endpoint: string;
  /** Groups whose containers are found. If empty, all containers of the account are found. */
  readonly groups: readonly string[];
  /** Port of the monitor and of the targets. */
  readonly port: number;
  readonly refreshIntervalMs: number;
  readonly tls: TlsConfig;
  readonly version: number;
}

type Missing = readonly [name: "account" | "dnsSuffix" | "endpoint", message: string, hint: string];

const REQUIRED: readonly Missing[] = [
  ["account", "triton SD configuration requires an account", "write the name of the account"],
  ["dnsSuffix", "triton SD configuration requires a dns_suffix", "write the DNS suffix of the targets"],
  ["endpoint", "triton SD configuration requires an endpoint", "write the host of the monitor"],
];

/** Finds the containers or compute nodes of a Triton data center. */
export const tritonDiscoverer = definePolled<TritonDiscovery>({
  key: "triton_sd_configs",
  name: "triton",
  codec: section<TritonDiscovery>(
    "triton.plain",
    {
      account: field("account", text, "", true),
      role: field("role", text, "container", true),
      dnsSuffix: field("dns_suffix", text, "", true),
      endpoint: field("endpoint", text, "", true),
      groups: field("groups", listOf(text), []),
      port: field("port", integer, 9163, true),
      refreshIntervalMs: field("refresh_interval", millis, 60_000),
      tls: field("tls_config", tlsSection, tlsSection.empty()),
      version: field("version", integer, 1, true),
    },
    (value, at, report) => {
      const missing = REQUIRED.find(([name]) => value[name] === "");
      if (value.role !== "container" && value.role !== "cn") {
        const message = "triton SD configuration requires role to be 'container' or 'cn'";
        report(at.role, "triton-sd-role", message, "write role: container or role: cn");
      } else if (missing !== undefined) {
        const [name, message, hint] = missing;
        report(at[name], "triton-sd-missing", message, hint);
      } else if (value.refreshIntervalMs <= 0) {
        const message = "triton SD configuration requires RefreshInterval to be a positive integer";
        report(at.refreshIntervalMs, "not-positive", message, "write a duration such as 60s");
      } else return value;
      return INVALID;
    },
  ),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./monitor.ts")).openMonitor(config, context),
});
