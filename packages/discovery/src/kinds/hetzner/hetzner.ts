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
import { roleField } from "../../fields/role-field.ts";

/** One entry of `hetzner_sd_configs`. */
export interface HetznerDiscovery {
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
  readonly port: number;
  /** Resources that are found: `robot` (dedicated servers) or `hcloud` (cloud servers). */
  readonly role: string;
  /** Selects cloud servers by their labels. "" selects all. */
  readonly labelSelector: string;
}

const role = roleField(["robot", "hcloud"]);

/** Finds the dedicated servers or the cloud servers of a Hetzner account. */
export const hetznerDiscoverer = definePolled<HetznerDiscovery>({
  key: "hetzner_sd_configs",
  name: "hetzner",
  codec: section<HetznerDiscovery>(
    "hetzner.plain",
    {
      httpClient: inline(httpClientSection({ enableHttp2: true })),
      refreshIntervalMs: field("refresh_interval", millis, 60_000, true),
      port: field("port", integer, 80, true),
      role: field("role", role.codec, "", true),
      labelSelector: field("label_selector", text, ""),
    },
    (value, at, report) => (role.check(value.role, at.role, report) ? value : INVALID),
  ),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./inventory.ts")).openInventory(config, context),
});
