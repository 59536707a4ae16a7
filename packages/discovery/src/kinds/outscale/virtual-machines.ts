import { sigV4Signer } from "@narthex/http";
import { Labels } from "@narthex/model";
import { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { readPages } from "../../answers/pages.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient, withoutCredentials } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { secretText } from "../../fields/secret-text.ts";
import { hostPort, sanitizeLabelName } from "../../target-labels.ts";
import type { OutscaleDiscovery } from "./outscale.ts";

/** Region in signatures. OUTSCALE's library, which Prometheus uses, signs for this region whatever the endpoint is. */
const SIGNED_REGION = "eu-west-2";

/** Returns a function that lists virtual machines; https://docs.outscale.com/api.html#readvms. */
export async function openVirtualMachines(config: OutscaleDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const client = await DiscoveryClient.open(withoutCredentials(config.httpClient), context);
  const sign = sigV4Signer({
    region: SIGNED_REGION,
    service: "oapi",
    now: () => context.clock.now(),
    credentials: async () => ({
      accessKeyId: config.accessKey,
      secretAccessKey: await secretText(config.secretKey, config.secretKeyFile, "outscale secret key file"),
    }),
  });
  const api = new JsonApi({
    client,
    context,
    base: config.endpoint,
    timeoutMs: config.refreshIntervalMs,
    headers: ({ url, ...request }) => sign({ ...request, url: new URL(url), headers: {} }),
  });
  return async () => {
    const machines = await readPages("", async (token) => {
      const body = JSON.stringify(token === "" ? {} : { NextPageToken: token });
      const { json } = await api.send("/ReadVms", {}, { method: "POST", body, headers: JSON_BODY });
      return { items: json.list("Vms"), next: json.text("NextPageToken") || undefined };
    });
    const targets = await targetsInTurns(context.clock, machines, (machine) => labelsOf(machine, config));
    return [{ source: config.region, targets, labels: Labels.EMPTY }];
  };
}

const JSON_BODY = { "content-type": "application/json" };

function labelsOf(machine: JsonValue, { region, port }: OutscaleDiscovery): TargetLabels | undefined {
  const [privateIp, publicIp] = [machine.text("PrivateIp"), machine.text("PublicIp")];
  const scraped = privateIp || publicIp;
  if (scraped === "") return undefined;
  const tags = machine
    .list("Tags")
    .filter((tag) => tag.text("Key") !== "" && tag.text("Value") !== "")
    .map((tag) => [`__meta_outscale_vm_tag_${sanitizeLabelName(tag.text("Key"))}`, tag.text("Value")] as const);
  return {
    __address__: hostPort(scraped, port),
    __meta_outscale_vm_instance_id: machine.text("VmId"),
    __meta_outscale_vm_region: region,
    __meta_outscale_vm_state: machine.text("State"),
    __meta_outscale_vm_subregion: machine.field("Placement").text("SubregionName"),
    __meta_outscale_vm_private_ip: privateIp,
    __meta_outscale_vm_public_ip: publicIp,
    ...Object.fromEntries(tags),
  };
}
