import { Labels } from "@narthex/model";
import { errorText, mapWithLimit } from "@narthex/runtime";
import { concernsAllItems, during } from "../../answers/answer-error.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient, withoutCredentials } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { compartmentsIn } from "./compartments.ts";
import { openIdentity } from "./identity.ts";
import { addressesOf, labelsOf, type VnicAddresses } from "./instance-labels.ts";
import type { OciAccess, OciDiscovery } from "./oci.ts";
import { OciApi } from "./oci-api.ts";

/** Maximum number of instances whose network cards are requested at the same time. */
const AT_ONCE = 10;

/**
 * Returns a function that finds the instances of a tenancy. Rejects if the key cannot be read, or if the machine has no
 * identity in Oracle Cloud.
 */
export async function openInventory(
  config: OciDiscovery,
  context: DiscoveryContext,
  access: OciAccess,
): Promise<Refresh> {
  const client = await DiscoveryClient.open(withoutCredentials(config.httpClient), context);
  const identity = await during("oci_sd: failed to build configuration provider", () =>
    openIdentity(config, context, access, (url, request) => client.request(url, request)),
  );
  const api = new OciApi(client, context, access, identity);
  return async () => {
    await identity.renew();
    const { compartments } = config;
    const scanned = compartments.length > 0 ? compartments : await compartmentsIn(identity.tenancy, api, context);
    const found: FoundInstance[] = [];
    for (const compartment of scanned) {
      for (const instance of await instancesIn(compartment, api, context)) found.push(instance);
    }
    const targets = await targetsInTurns(context.clock, found, ({ instance, addresses }) =>
      labelsOf(instance, addresses, { tenancy: identity.tenancy, port: config.port }),
    );
    return [{ source: "OCI", targets, labels: Labels.EMPTY }];
  };
}

interface FoundInstance {
  readonly instance: JsonValue;
  readonly addresses: VnicAddresses;
}

async function instancesIn(
  compartment: string,
  api: OciApi,
  context: DiscoveryContext,
): Promise<readonly FoundInstance[]> {
  const instances = await during(`listing OCI instances in compartment ${compartment}`, () =>
    api.instances(compartment),
  );
  const found = await mapWithLimit(instances, AT_ONCE, async (instance) => {
    const addresses = await addressesFor(instance, compartment, api, context);
    return addresses === undefined ? undefined : { instance, addresses };
  });
  return found.filter((one) => one !== undefined);
}

/** Returns the addresses of an instance, or undefined if the instance is skipped. */
async function addressesFor(
  instance: JsonValue,
  compartment: string,
  api: OciApi,
  { logger }: DiscoveryContext,
): Promise<VnicAddresses | undefined> {
  if (instance.field("id").isNull || instance.field("compartmentId").isNull) {
    logger.warn("Skipping an instance of Oracle Cloud without an ID", { compartment_id: compartment });
    return undefined;
  }
  const id = instance.text("id");
  try {
    const vnic = await primaryVnic(instance.text("compartmentId"), id, api);
    if (vnic !== undefined) return addressesOf(vnic);
    logger.debug("Skipping an instance of Oracle Cloud without a primary network card", { instance_id: id });
  } catch (error) {
    if (concernsAllItems(error)) throw error;
    const err = errorText(error);
    logger.warn("Skipping an instance of Oracle Cloud: its addresses could not be read", { instance_id: id, err });
  }
  return undefined;
}

/** Returns the primary network card of an instance. Requests cards one by one, because usually the first is primary. */
async function primaryVnic(compartmentId: string, instanceId: string, api: OciApi): Promise<JsonValue | undefined> {
  for (const attachment of await api.vnicAttachments(compartmentId, instanceId)) {
    const id = attachment.text("vnicId");
    if (id === "" || attachment.text("lifecycleState") !== "ATTACHED") continue;
    const vnic = await api.vnic(id);
    if (vnic.flag("isPrimary")) return vnic;
  }
  return undefined;
}
