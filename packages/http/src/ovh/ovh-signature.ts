import { createHash } from "node:crypto";

/** Keys of an application at OVHcloud, and of the customer who allows it to send requests. */
export interface OvhKeys {
  readonly applicationKey: string;
  readonly applicationSecret: string;
  readonly consumerKey: string;
}

/** The parts of a request that the signature covers. */
interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/**
 * Returns the headers of a request to OVHcloud's API with its signature; https://help.ovhcloud.com/csm/en-api-getting-
 * started-ovhcloud-api. OVHcloud has chosen SHA-1.
 * @param time time of OVHcloud's server in seconds
 */
export function ovhHeaders(keys: OvhKeys, { method, url, body }: SignedRequest, time: number): Record<string, string> {
  const signed = [keys.applicationSecret, keys.consumerKey, method, url, body, String(time)].join("+");
  return {
    "x-ovh-application": keys.applicationKey,
    "x-ovh-consumer": keys.consumerKey,
    "x-ovh-timestamp": String(time),
    "x-ovh-signature": `$1$${createHash("sha1").update(signed).digest("hex")}`,
  };
}
