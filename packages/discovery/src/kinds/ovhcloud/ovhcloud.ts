import {
  field,
  type FieldPositions,
  INVALID,
  millis,
  type Report,
  Secret,
  secret,
  section,
  text,
} from "@narthex/config";
import { definePolled } from "../../polled-discoverer.ts";

/** One entry of `ovhcloud_sd_configs`. */
export interface OvhcloudDiscovery {
  /** Name of one of OVHcloud's APIs, or the URL of an API. */
  readonly endpoint: string;
  readonly applicationKey: string;
  readonly applicationSecret: Secret;
  readonly consumerKey: Secret;
  readonly refreshIntervalMs: number;
  /** Resources that are found: `vps` or `dedicated_server`. */
  readonly service: string;
}

const NO_SECRET = new Secret("");
const KEYS =
  "create the three keys at https://api.ovh.com/createToken with the right GET /vps* or GET /dedicated/server*";

/** Finds the virtual private servers or the dedicated servers of an OVHcloud account. */
export const ovhcloudDiscoverer = definePolled<OvhcloudDiscovery>({
  key: "ovhcloud_sd_configs",
  name: "ovhcloud",
  codec: section<OvhcloudDiscovery>(
    "ovhcloud.plain",
    {
      endpoint: field("endpoint", text, "ovh-eu", true),
      applicationKey: field("application_key", text, "", true),
      applicationSecret: field("application_secret", secret, NO_SECRET, true),
      consumerKey: field("consumer_key", secret, NO_SECRET, true),
      refreshIntervalMs: field("refresh_interval", millis, 60_000, true),
      service: field("service", text, "", true),
    },
    (value, at, report) => (isComplete(value, at, report) ? value : INVALID),
  ),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./inventory.ts")).openInventory(config, context),
});

function isComplete(value: OvhcloudDiscovery, at: FieldPositions<OvhcloudDiscovery>, report: Report): boolean {
  const refuse = (place: keyof OvhcloudDiscovery, message: string, hint: string): false => {
    report(at[place], "ovhcloud", message, hint);
    return false;
  };
  if (value.endpoint === "") return refuse("endpoint", "endpoint can not be empty", "write ovh-eu, ovh-ca or ovh-us");
  if (value.applicationKey === "") return refuse("applicationKey", "application key can not be empty", KEYS);
  if (value.applicationSecret.reveal() === "")
    return refuse("applicationSecret", "application secret can not be empty", KEYS);
  if (value.consumerKey.reveal() === "") return refuse("consumerKey", "consumer key can not be empty", KEYS);
  if (value.service === "vps" || value.service === "dedicated_server") return true;
  return refuse("service", `unknown service: ${value.service}`, "write service: vps or service: dedicated_server");
}
