import { formatPlain } from "@narthex/model";
import type { JsonValue } from "../../answers/json-value.ts";
import type { TargetLabels } from "../../answers/targets-in-turns.ts";
import { hostPort, joinedList, prefixedLabels, sanitizeLabelName } from "../../target-labels.ts";

/** Addresses of an instance's primary network card. Missing addresses are "". */
export interface VnicAddresses {
  readonly vnic: string;
  readonly privateIp: string;
  readonly publicIp: string;
  /** In the order of the texts, because Oracle Cloud returns the addresses in any order. */
  readonly ipv6: readonly string[];
  readonly hostname: string;
}

export const addressesOf = (vnic: JsonValue): VnicAddresses => ({
  vnic: vnic.text("id"),
  privateIp: vnic.text("privateIp"),
  publicIp: vnic.text("publicIp"),
  ipv6: vnic.texts("ipv6Addresses").toSorted(),
  hostname: vnic.text("hostnameLabel"),
});

/** Returns the labels of an instance, or undefined if it has no address. */
export function labelsOf(
  instance: JsonValue,
  addresses: VnicAddresses,
  { tenancy, port }: { readonly tenancy: string; readonly port: number },
): TargetLabels | undefined {
  const address = addresses.privateIp || addresses.publicIp || addresses.ipv6[0];
  if (address === undefined || address === "") return undefined;
  return {
    __address__: hostPort(address, port),
    __meta_oci_instance_id: instance.text("id"),
    __meta_oci_instance_name: instance.text("displayName"),
    __meta_oci_instance_state: instance.text("lifecycleState"),
    __meta_oci_instance_shape: instance.text("shape"),
    __meta_oci_availability_domain: instance.text("availabilityDomain"),
    __meta_oci_fault_domain: instance.text("faultDomain"),
    __meta_oci_region: instance.text("region"),
    __meta_oci_tenancy_id: tenancy,
    __meta_oci_compartment_id: instance.text("compartmentId"),
    __meta_oci_image_id: instance.text("imageId"),
    __meta_oci_vnic_id: addresses.vnic,
    __meta_oci_private_ip: addresses.privateIp,
    __meta_oci_public_ip: addresses.publicIp,
    __meta_oci_hostname_label: addresses.hostname,
    __meta_oci_ipv6_addresses: joinedList(addresses.ipv6),
    ...prefixedLabels("__meta_oci_tag_", instance.textsByName("freeformTags")),
    ...definedTags(instance),
  };
}

/** Returns the tags whose names an administrator has defined. Values that are lists or objects have no label. */
const definedTags = (instance: JsonValue): TargetLabels =>
  Object.fromEntries(
    instance
      .field("definedTags")
      .entries()
      .flatMap(([space, tags]) =>
        tags
          .entries()
          .map(([name, value]) => [
            `__meta_oci_defined_tag_${sanitizeLabelName(space)}_${sanitizeLabelName(name)}`,
            tagText(value.plain()),
          ]),
      ),
  );

function tagText(value: unknown): string {
  if (typeof value === "number") return formatPlain(value);
  return typeof value === "string" || typeof value === "boolean" ? String(value) : "";
}
