import { defaultHttpClient } from "@narthex/config";
import { checkGoogleCredentials, googleTokens } from "@narthex/http";
import { Labels } from "@narthex/model";
import { during } from "../../answers/answer-error.ts";
import { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { readPages } from "../../answers/pages.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { joinedList, prefixedLabels, sanitizeLabelName } from "../../target-labels.ts";
import type { GceAccess, GceDiscovery } from "./gce.ts";
import { fetchWith } from "./google-fetch.ts";

const COMPUTE = "https://compute.googleapis.com/compute/v1";
const SCOPE = "https://www.googleapis.com/auth/compute.readonly";
const TIMEOUT_MS = 60_000;

/**
 * Returns a function that lists the instances of a zone; https://cloud.google.com/compute/docs/reference/rest/v1/instances/list.
 * Rejects if there are no Google credentials.
 */
export async function openInstances(
  config: GceDiscovery,
  context: DiscoveryContext,
  access: GceAccess,
): Promise<Refresh> {
  const settings = access.httpClient ?? { ...defaultHttpClient, proxyFromEnvironment: true };
  const client = await DiscoveryClient.open(settings, context);
  const options = { scope: SCOPE, fetch: fetchWith(client, TIMEOUT_MS) };
  await during("error setting up communication with GCE service", () => checkGoogleCredentials(access, options));
  const token = googleTokens(access, options);
  const headers = async () => ({ authorization: `Bearer ${await token()}` });
  const api = new JsonApi({ client, context, base: COMPUTE, timeoutMs: TIMEOUT_MS, headers });
  return () =>
    during("error retrieving refresh targets from gce", async () => {
      const instances = await listInstances(api, config);
      const targets = await targetsInTurns(context.clock, instances, (instance) => labelsOf(instance, config));
      return [{ source: `GCE_${config.project}_${config.zone}`, targets, labels: Labels.EMPTY }];
    });
}

function listInstances(api: JsonApi, { project, zone, filter }: GceDiscovery): Promise<readonly JsonValue[]> {
  const path = `/projects/${encodeURIComponent(project)}/zones/${encodeURIComponent(zone)}/instances`;
  return readPages("", async (cursor) => {
    const page = await api.get(path, { filter: filter || undefined, pageToken: cursor || undefined });
    return { items: page.list("items"), next: page.text("nextPageToken") || undefined };
  });
}

function labelsOf(instance: JsonValue, { project, port, tagSeparator }: GceDiscovery): TargetLabels | undefined {
  const interfaces = instance.list("networkInterfaces");
  const [primary] = interfaces;
  if (primary === undefined) return undefined;
  return {
    __address__: `${primary.text("networkIP")}:${port}`,
    __meta_gce_project: project,
    __meta_gce_zone: instance.text("zone"),
    __meta_gce_instance_id: instance.text("id") || "0",
    __meta_gce_instance_name: instance.text("name"),
    __meta_gce_instance_status: instance.text("status"),
    __meta_gce_machine_type: instance.text("machineType"),
    __meta_gce_network: primary.text("network"),
    __meta_gce_subnetwork: primary.text("subnetwork"),
    __meta_gce_private_ip: primary.text("networkIP"),
    __meta_gce_public_ip: publicAddressOf(primary),
    __meta_gce_tags: joinedList(instance.field("tags").texts("items"), tagSeparator),
    ...addressesByInterface(interfaces),
    ...metadataOf(instance),
    ...prefixedLabels("__meta_gce_label_", instance.textsByName("labels")),
  };
}

/** Returns the address of a NAT, if it is the first access configuration of the interface. Otherwise returns "". */
function publicAddressOf(networkInterface: JsonValue): string {
  const [access] = networkInterface.list("accessConfigs");
  return access?.text("type") === "ONE_TO_ONE_NAT" ? access.text("natIP") : "";
}

const addressesByInterface = (interfaces: readonly JsonValue[]): TargetLabels =>
  Object.fromEntries(
    interfaces.map((one) => [
      `__meta_gce_interface_ipv4_${sanitizeLabelName(one.text("name"))}`,
      one.text("networkIP"),
    ]),
  );

/** Returns the values that the owner of the instance has set. Keys without a value are omitted. */
const metadataOf = (instance: JsonValue): TargetLabels =>
  Object.fromEntries(
    instance
      .field("metadata")
      .list("items")
      .filter((item) => !item.field("value").isNull)
      .map((item) => [`__meta_gce_metadata_${sanitizeLabelName(item.text("key"))}`, item.text("value")]),
  );
