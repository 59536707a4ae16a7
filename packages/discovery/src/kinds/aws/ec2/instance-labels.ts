import type { XmlElement } from "@narthex/http";
import type { TargetLabels } from "../../../answers/targets-in-turns.ts";
import { hostPort, joinedList, sanitizeLabelName } from "../../../target-labels.ts";

export interface InstanceLabelOptions {
  readonly region: string;
  readonly port: number;
  /** Id of the AWS account that owns the instance's reservation. */
  readonly ownerId: string;
  /** IDs of availability zones by name. */
  readonly zoneIds: ReadonlyMap<string, string>;
}

/**
 * Returns the `item` elements of a list in EC2's answers. `list` is the name of the list's element within `element`.
 */
export const items = (element: XmlElement, list: string): readonly XmlElement[] => element.child(list).children("item");

/** Returns the labels of an EC2 instance, or undefined if the instance has no address. */
export function instanceLabels(instance: XmlElement, options: InstanceLabelOptions): TargetLabels | undefined {
  const text = (name: string): string => instance.text(name) ?? "";
  const vpc = text("vpcId");
  const interfaces = vpc === "" ? [] : items(instance, "networkInterfaceSet").filter((nic) => nic.text("subnetId"));
  const { primary, all, preferred } = ipv6Addresses(interfaces);
  const address = text("privateIpAddress") || preferred;
  if (address === "") return undefined;
  const zone = instance.child("placement").text("availabilityZone") ?? "";
  const publicIp = text("ipAddress");
  const subnets = [...new Set(interfaces.map((nic) => nic.text("subnetId")!))];
  return {
    __address__: hostPort(address, options.port),
    __meta_ec2_ami: text("imageId"),
    __meta_ec2_architecture: text("architecture"),
    __meta_ec2_availability_zone: zone,
    __meta_ec2_availability_zone_id: options.zoneIds.get(zone) ?? "",
    __meta_ec2_default_ipv6_address: preferred,
    __meta_ec2_instance_id: text("instanceId"),
    __meta_ec2_instance_lifecycle: text("instanceLifecycle"),
    __meta_ec2_instance_state: instance.child("instanceState").text("name") ?? "",
    __meta_ec2_instance_type: text("instanceType"),
    __meta_ec2_ipv6_addresses: joinedList(all),
    __meta_ec2_owner_id: options.ownerId,
    __meta_ec2_platform: text("platform"),
    __meta_ec2_primary_ipv6_addresses: joinedList(primary),
    __meta_ec2_primary_subnet_id: vpc === "" ? "" : text("subnetId"),
    __meta_ec2_private_dns_name: text("privateDnsName"),
    __meta_ec2_private_ip: text("privateIpAddress"),
    __meta_ec2_public_dns_name: publicIp === "" ? "" : text("dnsName"),
    __meta_ec2_public_ip: publicIp,
    __meta_ec2_region: options.region,
    __meta_ec2_subnet_id: vpc === "" ? "" : `,${subnets.join()},`,
    __meta_ec2_vpc_id: vpc,
    ...Object.fromEntries(items(instance, "tagSet").map(tagLabel)),
  };
}

const tagLabel = (tag: XmlElement): [string, string] => [
  `__meta_ec2_tag_${sanitizeLabelName(tag.text("key") ?? "")}`,
  tag.text("value") ?? "",
];

/**
 * Maximum number of network interfaces of one EC2 instance. The limit bounds the memory that an invalid answer can use.
 */
const MAX_DEVICES = 1024;

interface Ipv6Addresses {
  /** Primary IPv6 addresses of an EC2 instance by device index. "" for a device without an IPv6 address. */
  readonly primary: readonly string[];
  readonly all: readonly string[];
  /** First primary IPv6 address. Otherwise the first of all IPv6 addresses, or "". */
  readonly preferred: string;
}

function ipv6Addresses(interfaces: readonly XmlElement[]): Ipv6Addresses {
  const all: string[] = [];
  const primary: string[] = [];
  for (const nic of interfaces) {
    for (const entry of items(nic, "ipv6AddressesSet")) {
      const address = entry.text("ipv6Address") ?? "";
      all.push(address);
      if (entry.text("isPrimaryIpv6") !== "true") continue;
      const device = Number(nic.child("attachment").text("deviceIndex") ?? 0);
      if (!(device >= 0 && device < MAX_DEVICES)) continue;
      while (primary.length <= device) primary.push("");
      primary[device] = address;
    }
  }
  return { primary, all, preferred: [...primary, ...all].find((address) => address !== "") ?? "" };
}
