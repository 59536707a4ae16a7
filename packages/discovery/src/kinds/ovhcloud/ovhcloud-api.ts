import { defaultHttpClient } from "@narthex/config";
import { ovhHeaders } from "@narthex/http";
import { AnswerError } from "../../answers/answer-error.ts";
import { JsonApi } from "../../answers/json-api.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient } from "../../discovery-client.ts";
import type { OvhcloudDiscovery } from "./ovhcloud.ts";

const TIMEOUT_MS = 180_000;

/** URLs of OVHcloud's APIs by their names. */
const endpoints = new Map([
  ["ovh-eu", "https://eu.api.ovh.com/1.0"],
  ["ovh-ca", "https://ca.api.ovh.com/1.0"],
  ["ovh-us", "https://api.us.ovhcloud.com/1.0"],
  ["kimsufi-eu", "https://eu.api.kimsufi.com/1.0"],
  ["kimsufi-ca", "https://ca.api.kimsufi.com/1.0"],
  ["soyoustart-eu", "https://eu.api.soyoustart.com/1.0"],
  ["soyoustart-ca", "https://ca.api.soyoustart.com/1.0"],
]);

/**
 * Returns a function that begins requests to OVHcloud's API. Each call compares the clock with that of the service,
 * because signatures contain the time.
 */
export async function openApi(config: OvhcloudDiscovery, context: DiscoveryContext): Promise<() => Promise<JsonApi>> {
  const client = await DiscoveryClient.open({ ...defaultHttpClient, proxyFromEnvironment: true }, context);
  const base = config.endpoint.includes("/") ? config.endpoint : endpoints.get(config.endpoint);
  const keys = () => ({
    applicationKey: config.applicationKey,
    applicationSecret: config.applicationSecret.reveal(),
    consumerKey: config.consumerKey.reveal(),
  });
  return async () => {
    if (base === undefined) {
      const known = [...endpoints.keys()].join(", ");
      throw new AnswerError(`unknown endpoint '${config.endpoint}': use a URL or one of ${known}`);
    }
    const settings = { client, context, base, timeoutMs: TIMEOUT_MS };
    const serviceTime = (await new JsonApi(settings).get("/auth/time")).asNumber();
    const ahead = context.clock.now() / 1000 - serviceTime;
    const time = (): number => Math.floor(context.clock.now() / 1000 - ahead);
    return new JsonApi({ ...settings, headers: (request) => ovhHeaders(keys(), request, time()) });
  };
}
