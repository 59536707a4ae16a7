import { Labels } from "@narthex/model";
import { mapWithLimit } from "@narthex/runtime";
import { during, failureOf } from "../../answers/answer-error.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { hostPort, prefixedLabels } from "../../target-labels.ts";
import type { AzureAccess, AzureDiscovery } from "./azure.ts";
import { azureMetrics } from "./azure-metrics.ts";
import { azureCloud } from "./clouds.ts";
import { type AzureMachine, listMachines } from "./machines.ts";
import { ManagementApi } from "./management-api.ts";
import { type MachineAddresses, NetworkInterfaces } from "./network-interfaces.ts";
import { managementTokens } from "./tokens.ts";

/** Maximum number of machines whose network interfaces are requested at the same time. */
const AT_ONCE = 32;

/** Returns a function that finds the virtual machines of a subscription. */
export async function openInventory(
  config: AzureDiscovery,
  context: DiscoveryContext,
  access: AzureAccess,
): Promise<Refresh> {
  let inventory: Promise<Inventory> | undefined;
  const open = async (): Promise<Inventory> => {
    inventory ??= createInventory(config, context, access);
    try {
      return await inventory;
    } catch (cause) {
      inventory = undefined;
      throw failureOf("could not create Azure client", cause);
    }
  };
  return async () => {
    try {
      const { api, interfaces } = await open();
      const targets = await findTargets(config, context, api, interfaces);
      return [{ source: "", targets, labels: Labels.EMPTY }];
    } catch (error) {
      azureMetrics.of(context.metrics).failures.inc();
      throw error;
    }
  };
}

interface Inventory {
  readonly api: ManagementApi;
  readonly interfaces: NetworkInterfaces;
}

async function createInventory(
  config: AzureDiscovery,
  context: DiscoveryContext,
  access: AzureAccess,
): Promise<Inventory> {
  const cloud = azureCloud(config.environment);
  const tokens = await managementTokens(config, cloud, context, access);
  const api = await ManagementApi.open(config, context, cloud, tokens);
  return { api, interfaces: new NetworkInterfaces(config, context, api) };
}

interface FoundMachine {
  readonly machine: AzureMachine;
  readonly addresses: MachineAddresses | undefined;
}

async function findTargets(
  config: AzureDiscovery,
  context: DiscoveryContext,
  api: ManagementApi,
  interfaces: NetworkInterfaces,
): Promise<readonly Labels[]> {
  const machines = await listMachines(config, api);
  const found = await during("unable to complete Azure service discovery", () =>
    mapWithLimit(machines, AT_ONCE, async (machine): Promise<FoundMachine> => ({
      machine,
      addresses: await interfaces.addressesOf(machine),
    })),
  );
  return targetsInTurns(
    context.clock,
    found,
    ({ machine, addresses }) => addresses && labelsOf(machine, addresses, config),
  );
}

function labelsOf(
  { json, id, scaleSet }: AzureMachine,
  { privateIp, publicIp }: MachineAddresses,
  { subscriptionId, tenantId, port }: AzureDiscovery,
): TargetLabels {
  const properties = json.field("properties");
  return {
    __address__: hostPort(privateIp, port),
    __meta_azure_subscription_id: subscriptionId,
    __meta_azure_tenant_id: tenantId,
    __meta_azure_machine_id: json.text("id"),
    __meta_azure_machine_name: json.text("name"),
    __meta_azure_machine_computer_name: properties.field("osProfile").text("computerName"),
    __meta_azure_machine_os_type: properties.at("storageProfile", "osDisk").text("osType"),
    __meta_azure_machine_location: json.text("location"),
    __meta_azure_machine_resource_group: id.resourceGroup,
    __meta_azure_machine_size: properties.field("hardwareProfile").text("vmSize"),
    __meta_azure_machine_scale_set: scaleSet,
    __meta_azure_machine_private_ip: privateIp,
    __meta_azure_machine_public_ip: publicIp,
    ...prefixedLabels("__meta_azure_machine_tag_", json.textsByName("tags")),
  };
}
