import { during } from "../../answers/answer-error.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import type { AzureDiscovery } from "./azure.ts";
import type { ManagementApi } from "./management-api.ts";
import { parseResourceId, type ResourceId } from "./resource-id.ts";

const COMPUTE_VERSION = "2024-03-01";

/** A virtual machine, alone or of a scale set. */
export interface AzureMachine {
  readonly json: JsonValue;
  readonly id: ResourceId;
  /** Name of the scale set, or "". */
  readonly scaleSet: string;
}

/** Returns the virtual machines of the subscription or of its resource group, and after them those of its scale sets. */
export async function listMachines(config: AzureDiscovery, api: ManagementApi): Promise<readonly AzureMachine[]> {
  const group = config.resourceGroup === "" ? "" : `/resourceGroups/${encodeURIComponent(config.resourceGroup)}`;
  const compute = `/subscriptions/${encodeURIComponent(config.subscriptionId)}${group}/providers/Microsoft.Compute`;
  const list = (path: string, what: string): Promise<readonly JsonValue[]> =>
    during(`could not get ${what}`, () => api.list(path, COMPUTE_VERSION));
  const machines = (await list(`${compute}/virtualMachines`, "virtual machines")).map((json) => machine(json, ""));
  for (const scaleSet of await list(`${compute}/virtualMachineScaleSets`, "virtual machine scale sets")) {
    const { resourceGroup } = parseResourceId(scaleSet.text("id"));
    const name = scaleSet.text("name");
    const path =
      `/subscriptions/${encodeURIComponent(config.subscriptionId)}/resourceGroups/${encodeURIComponent(resourceGroup)}` +
      `/providers/Microsoft.Compute/virtualMachineScaleSets/${encodeURIComponent(name)}/virtualMachines`;
    for (const json of await list(path, "virtual machine scale set vms")) machines.push(machine(json, name));
  }
  return machines;
}

const machine = (json: JsonValue, scaleSet: string): AzureMachine => ({
  json,
  id: parseResourceId(json.text("id")),
  scaleSet,
});
