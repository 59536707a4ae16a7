import {
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  integer,
  INVALID,
  millis,
  section,
} from "@narthex/config";
import { definePolled } from "../../polled-discoverer.ts";
import { roleField } from "../../fields/role-field.ts";

/** One entry of `digitalocean_sd_configs`. */
export interface DigitalOceanDiscovery {
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
  readonly port: number;
  /** Resources that are found: `droplets` or `databases`. */
  readonly role: string;
}

const role = roleField(["droplets", "databases"], "DigitalOcean SD ");

/** Finds the Droplets or the managed databases of a DigitalOcean account. */
export const digitaloceanDiscoverer = definePolled<DigitalOceanDiscovery>({
  key: "digitalocean_sd_configs",
  name: "digitalocean",
  codec: section<DigitalOceanDiscovery>(
    "digitalocean.plain",
    {
      httpClient: inline(httpClientSection({ enableHttp2: true })),
      refreshIntervalMs: field("refresh_interval", millis, 60_000, true),
      port: field("port", integer, 80, true),
      role: field("role", role.codec, "droplets", true),
    },
    (value, at, report) => (role.check(value.role, at.role, report) ? value : INVALID),
  ),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./inventory.ts")).openInventory(config, context),
});
