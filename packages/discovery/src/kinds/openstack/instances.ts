import type { JsonValue } from "../../answers/json-value.ts";
import type { TargetLabels } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { hostPort, prefixedLabels } from "../../target-labels.ts";
import type { Find } from "./inventory.ts";

/**
 * Finds the instances of a region, with a target for each fixed address;
 * https://docs.openstack.org/api-ref/compute/#list-servers-detailed.
 */
export const findInstances: Find = async (session, { port, allTenants }, { logger }) => {
  const compute = session.endpoint("compute", "compute");
  const network = `${session.endpoint("network", "network")}v2.0/`;
  const ports = await session.list(`${network}ports`, "ports");
  const floating = floatingAddresses(ports, await session.list(`${network}floatingips`, "floatingips"), logger);
  const items = await session.list(`${compute}servers/detail${allTenants ? "?all_tenants=true" : ""}`, "servers");
  return { items, targetsOf: (server) => targetsOf(server, { port, floating, logger }) };
};

/** The floating addresses that are bound to fixed addresses. */
interface FloatingAddresses {
  readonly all: ReadonlySet<string>;
  /** Floating addresses by the ID of the instance and the fixed address. */
  readonly bound: ReadonlyMap<string, string>;
}

const boundKey = (instance: string, fixed: string): string => `${instance} ${fixed}`;

function floatingAddresses(
  ports: readonly JsonValue[],
  addresses: readonly JsonValue[],
  logger: DiscoveryContext["logger"],
): FloatingAddresses {
  const instances = new Map(ports.map((port) => [port.text("id"), port.text("device_id")]));
  const all = new Set<string>();
  const bound = new Map<string, string>();
  for (const address of addresses) {
    const port = address.text("port_id");
    const fixed = address.text("fixed_ip_address");
    if (port === "" || fixed === "") continue;
    const instance = instances.get(port);
    if (instance === undefined) {
      logger.warn("Skipping a floating IP of OpenStack: its port is not in the list of ports", { port });
      continue;
    }
    all.add(address.text("floating_ip_address"));
    bound.set(boundKey(instance, fixed), address.text("floating_ip_address"));
  }
  return { all, bound };
}

interface TargetOptions {
  readonly port: number;
  readonly floating: FloatingAddresses;
  readonly logger: DiscoveryContext["logger"];
}

function targetsOf(server: JsonValue, { port, floating, logger }: TargetOptions): readonly TargetLabels[] {
  const id = server.text("id");
  const pools = server.field("addresses").entries();
  if (pools.length === 0) {
    logger.debug("Skipping an instance of OpenStack without an address", { instance: id });
    return [];
  }
  const flavor = textIn(server, "flavor", "original_name") ?? textIn(server, "flavor", "id");
  if (flavor === undefined) {
    logger.warn("Skipping an instance of OpenStack: its flavor has neither a name nor an ID", { instance: id });
    return [];
  }
  const shared = {
    __meta_openstack_instance_id: id,
    __meta_openstack_instance_status: server.text("status"),
    __meta_openstack_instance_name: server.text("name"),
    __meta_openstack_project_id: server.text("tenant_id"),
    __meta_openstack_user_id: server.text("user_id"),
    __meta_openstack_instance_flavor: flavor,
    __meta_openstack_instance_image: textIn(server, "image", "id") ?? "",
    ...prefixedLabels("__meta_openstack_tag_", server.textsByName("metadata")),
  };
  return pools.flatMap(([pool, addresses]) =>
    addressesIn(addresses)
      .filter((address) => !floating.all.has(address))
      .map((address) => ({
        ...shared,
        __address__: hostPort(address, port),
        __meta_openstack_address_pool: pool,
        __meta_openstack_private_ip: address,
        __meta_openstack_public_ip: floating.bound.get(boundKey(id, address)) ?? "",
      })),
  );
}

/** Returns a text of an object of the server. Undefined if the text is missing: an instance without an image has the image "". */
function textIn(server: JsonValue, object: string, name: string): string | undefined {
  const value = server.field(object).plain();
  if (typeof value !== "object" || value === null) return undefined;
  const text = server.at(object, name).plain();
  return typeof text === "string" ? text : undefined;
}

/** Returns the addresses of a pool. Entries that are no addresses are ignored, as in Prometheus. */
const addressesIn = (pool: JsonValue): readonly string[] =>
  (Array.isArray(pool.plain()) ? pool.items() : [])
    .filter((entry) => typeof entry.plain() === "object" && !Array.isArray(entry.plain()))
    .map((entry) => entry.field("addr").plain())
    .filter((address) => typeof address === "string");
