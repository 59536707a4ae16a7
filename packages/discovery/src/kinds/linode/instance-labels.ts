import type { JsonValue } from "../../answers/json-value.ts";
import type { TargetLabels } from "../../answers/targets-in-turns.ts";
import { hostPort, joinedList } from "../../target-labels.ts";
import type { LinodeDiscovery } from "./linode.ts";

/** Makes the labels of instances from the instances and from the lists of all addresses and ranges of the account. */
export class InstanceLabels {
  readonly #config: LinodeDiscovery;
  /** Details by address. */
  readonly #addresses: ReadonlyMap<string, readonly JsonValue[]>;
  /** Ranges of IPv6 addresses by the address that they are routed to. */
  readonly #ranges: ReadonlyMap<string, readonly JsonValue[]>;

  constructor(config: LinodeDiscovery, addresses: readonly JsonValue[], ranges: readonly JsonValue[]) {
    this.#config = config;
    this.#addresses = Map.groupBy(addresses, (address) => address.text("address"));
    this.#ranges = Map.groupBy(ranges, (range) => range.text("route_target"));
  }

  /** Returns the labels of an instance, or undefined if it has no IPv4 address. */
  of(instance: JsonValue): TargetLabels | undefined {
    const ipv4 = instance.texts("ipv4");
    if (ipv4.length === 0) return undefined;
    const { port, tagSeparator } = this.#config;
    const own = this.#ipv4Of(ipv4);
    const [slaac = ""] = instance.text("ipv6").split("/", 1);
    const publicIpv6 = this.#addresses.get(slaac)?.at(-1);
    const ranges = (this.#ranges.get(slaac) ?? []).map((range) => `${range.text("range")}/${range.integer("prefix")}`);
    return {
      __address__: hostPort(own.public?.text("address") ?? "", port),
      ...instanceLabels(instance),
      __meta_linode_private_ipv4: own.private?.text("address") ?? "",
      __meta_linode_public_ipv4: own.public?.text("address") ?? "",
      __meta_linode_public_ipv6: publicIpv6?.text("address") ?? "",
      __meta_linode_private_ipv4_rdns: nameOf(own.private),
      __meta_linode_public_ipv4_rdns: nameOf(own.public),
      __meta_linode_public_ipv6_rdns: nameOf(publicIpv6),
      __meta_linode_tags: joinedList(instance.texts("tags"), tagSeparator),
      __meta_linode_extra_ips: joinedList(own.extra, tagSeparator),
      __meta_linode_ipv6_ranges: joinedList(ranges, tagSeparator),
    };
  }

  /** Returns the first public and the first private address of an instance, and its other addresses. */
  #ipv4Of(ipv4: readonly string[]) {
    const found: { public?: JsonValue; private?: JsonValue; readonly extra: string[] } = { extra: [] };
    for (const detailed of ipv4.flatMap((address) => this.#addresses.get(address) ?? [])) {
      const kind = detailed.flag("public") ? "public" : "private";
      if (found[kind] === undefined) found[kind] = detailed;
      else found.extra.push(detailed.text("address"));
    }
    return found;
  }
}

/** Returns the DNS name of an address, or "". */
function nameOf(address: JsonValue | undefined): string {
  const name = address?.text("rdns") ?? "";
  return name === "null" ? "" : name;
}

function instanceLabels(instance: JsonValue): TargetLabels {
  const specs = instance.field("specs");
  return {
    __meta_linode_instance_id: instance.integer("id"),
    __meta_linode_instance_label: instance.text("label"),
    __meta_linode_image: instance.text("image"),
    __meta_linode_region: instance.text("region"),
    __meta_linode_type: instance.text("type"),
    __meta_linode_status: instance.text("status"),
    __meta_linode_group: instance.text("group"),
    __meta_linode_gpus: specs.integer("gpus"),
    __meta_linode_hypervisor: instance.text("hypervisor"),
    __meta_linode_backups: instance.field("backups").flag("enabled") ? "enabled" : "disabled",
    __meta_linode_specs_disk_bytes: bytesOf(specs.integer("disk")),
    __meta_linode_specs_memory_bytes: bytesOf(specs.integer("memory")),
    __meta_linode_specs_vcpus: specs.integer("vcpus"),
    __meta_linode_specs_transfer_bytes: bytesOf(specs.integer("transfer")),
  };
}

const bytesOf = (mebibytes: string): string => String(BigInt(mebibytes) << 20n);
