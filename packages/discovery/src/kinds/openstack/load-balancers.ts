import type { JsonValue } from "../../answers/json-value.ts";
import type { TargetLabels } from "../../answers/targets-in-turns.ts";
import { hostPort } from "../../target-labels.ts";
import type { Find } from "./inventory.ts";

/**
 * Finds the load balancers of a region that have a listener for Prometheus, which shows the metrics of the load
 * balancer; https://docs.openstack.org/api-ref/load-balancer/v2/#list-load-balancers.
 */
export const findLoadBalancers: Find = async (session) => {
  // Some catalogs contain the version in the endpoint.
  const base = session.endpoint("load-balancer", "load balancer").replaceAll("v2.0/", "");
  const network = session.endpoint("network", "network");
  const items = await session.list(`${base}v2.0/lbaas/loadbalancers`, "loadbalancers");
  const ports = prometheusPorts(await session.list(`${base}v2.0/lbaas/listeners`, "listeners"));
  const addresses = await session.list(`${network}v2.0/floatingips`, "floatingips");
  const floating = new Map(addresses.map((one) => [one.text("port_id"), one.text("floating_ip_address")]));
  floating.delete("");
  return { items, targetsOf: (balancer) => labelsOf(balancer, ports, floating) };
};

/** Returns the port of the first listener for Prometheus by the ID of the load balancer. */
function prometheusPorts(listeners: readonly JsonValue[]): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  for (const listener of listeners) {
    if (listener.text("protocol") !== "PROMETHEUS") continue;
    for (const balancer of listener.list("loadbalancers")) {
      const id = balancer.text("id");
      if (!ports.has(id)) ports.set(id, listener.number("protocol_port"));
    }
  }
  return ports;
}

function labelsOf(
  balancer: JsonValue,
  ports: ReadonlyMap<string, number>,
  floating: ReadonlyMap<string, string>,
): TargetLabels | undefined {
  const port = ports.get(balancer.text("id"));
  if (port === undefined) return undefined;
  return {
    __address__: hostPort(balancer.text("vip_address"), port),
    __meta_openstack_loadbalancer_id: balancer.text("id"),
    __meta_openstack_loadbalancer_name: balancer.text("name"),
    __meta_openstack_loadbalancer_operating_status: balancer.text("operating_status"),
    __meta_openstack_loadbalancer_provisioning_status: balancer.text("provisioning_status"),
    __meta_openstack_loadbalancer_availability_zone: balancer.text("availability_zone"),
    __meta_openstack_loadbalancer_vip: balancer.text("vip_address"),
    __meta_openstack_loadbalancer_provider: balancer.text("provider"),
    __meta_openstack_loadbalancer_tags: balancer.texts("tags").join(","),
    __meta_openstack_loadbalancer_floating_ip: floating.get(balancer.text("vip_port_id")) ?? "",
    __meta_openstack_project_id: balancer.text("project_id"),
  };
}
