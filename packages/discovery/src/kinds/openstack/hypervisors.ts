import type { JsonValue } from "../../answers/json-value.ts";
import { hostPort } from "../../target-labels.ts";
import type { Find } from "./inventory.ts";

/** Finds the hypervisors of a region; https://docs.openstack.org/api-ref/compute/#list-hypervisors-details. */
export const findHypervisors: Find = async (session, { port }) => ({
  items: await session.list(`${session.endpoint("compute", "compute")}os-hypervisors/detail`, "hypervisors"),
  targetsOf: (hypervisor) => ({
    __address__: hostPort(hypervisor.text("host_ip"), port),
    __meta_openstack_hypervisor_id: idOf(hypervisor),
    __meta_openstack_hypervisor_hostname: hypervisor.text("hypervisor_hostname"),
    __meta_openstack_hypervisor_host_ip: hypervisor.text("host_ip"),
    __meta_openstack_hypervisor_status: hypervisor.text("status"),
    __meta_openstack_hypervisor_state: hypervisor.text("state"),
    __meta_openstack_hypervisor_type: hypervisor.text("hypervisor_type"),
  }),
});

/** Returns the ID of a hypervisor, which is a number in old versions of the API, and a text in others. */
function idOf(hypervisor: JsonValue): string {
  const id = hypervisor.field("id");
  return typeof id.plain() === "string" ? id.asText() : id.asInteger();
}
