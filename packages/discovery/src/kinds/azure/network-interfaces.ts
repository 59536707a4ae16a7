import { AnswerError, failureOf } from "../../answers/answer-error.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { AzureDiscovery } from "./azure.ts";
import { azureMetrics } from "./azure-metrics.ts";
import type { AzureMachine } from "./machines.ts";
import type { ManagementApi } from "./management-api.ts";
import { parseResourceId } from "./resource-id.ts";

const NETWORK_VERSION = "2023-09-01";
const SCALE_SET_NETWORK_VERSION = "2018-10-01";
const EXPANDED = "IPConfigurations/PublicIPAddress";

/** Number of network interfaces that are kept. */
const MAX_KEPT = 5000;

/** Addresses of a machine. */
export interface MachineAddresses {
  readonly privateIp: string;
  /** "" if the machine has none. */
  readonly publicIp: string;
}

/** Properties of a network interface. */
interface NetworkInterface {
  /** Undefined if the machine is deallocated. */
  readonly isPrimary: boolean | undefined;
  /** Addresses of the first IP configuration, or undefined if there is no configuration. */
  readonly addresses: MachineAddresses | undefined;
}

interface Kept {
  /** Undefined if the interface has no properties. */
  readonly value: NetworkInterface | undefined;
  readonly until: number;
}

/**
 * Reads the addresses of machines from their network interfaces. Interfaces are kept for about ten refreshes, because
 * Azure limits the number of requests, and there is one for each interface.
 */
export class NetworkInterfaces {
  readonly #config: AzureDiscovery;
  readonly #context: DiscoveryContext;
  readonly #api: ManagementApi;
  /** Interfaces by ID, in the order of their last use. */
  readonly #kept = new Map<string, Kept>();
  readonly #random: () => number;

  constructor(
    config: AzureDiscovery,
    context: DiscoveryContext,
    api: ManagementApi,
    random: () => number = Math.random,
  ) {
    this.#config = config;
    this.#context = context;
    this.#api = api;
    this.#random = random;
  }

  /**
   * Returns the addresses of a machine, or undefined if the machine is skipped: it has no primary interface, or it is
   * deallocated. Rejects if Azure does not answer, or if the primary interface has no private address.
   */
  async addressesOf(machine: AzureMachine): Promise<MachineAddresses | undefined> {
    const ids = machine.json.at("properties", "networkProfile").list("networkInterfaces");
    for (const id of ids.map((reference) => reference.text("id"))) {
      const kept = this.#take(id);
      const found = kept === undefined ? await this.#request(id, machine) : kept.value;
      if (found === "missing") {
        this.#context.logger.warn("Skipping a virtual machine of Azure: its network interface does not exist", {
          name: id,
        });
        return undefined;
      }
      if (kept === undefined) this.#keep(id, found);
      if (found === undefined) continue;
      if (found.isPrimary === undefined) {
        this.#context.logger.debug("Skipping a deallocated virtual machine of Azure", {
          machine: machine.json.text("name"),
        });
        return undefined;
      }
      if (!found.isPrimary || found.addresses === undefined) continue;
      if (found.addresses.privateIp !== "") return found.addresses;
      throw new AnswerError(`unable to find a private IP for VM ${machine.json.text("name")}`);
    }
    return undefined;
  }

  async #request(id: string, machine: AzureMachine): Promise<NetworkInterface | undefined | "missing"> {
    try {
      const version = machine.scaleSet === "" ? NETWORK_VERSION : SCALE_SET_NETWORK_VERSION;
      const query = { $expand: EXPANDED, "api-version": version };
      return networkInterface(await this.#api.get(this.#pathOf(id, machine), query));
    } catch (cause) {
      if (cause instanceof AnswerError && cause.status === 404) return "missing";
      throw failureOf(`failed to retrieve Interface ${id} with error`, cause);
    }
  }

  #pathOf(id: string, { json, scaleSet }: AzureMachine): string {
    const { resourceGroup, name } = parseResourceId(id);
    const part = encodeURIComponent;
    const group = `/subscriptions/${part(this.#config.subscriptionId)}/resourceGroups/${part(resourceGroup)}/providers`;
    if (scaleSet === "") return `${group}/Microsoft.Network/networkInterfaces/${part(name)}`;
    const instance = `virtualMachineScaleSets/${part(scaleSet)}/virtualMachines/${part(json.text("instanceId"))}`;
    return `${group}/microsoft.Compute/${instance}/networkInterfaces/${part(name)}`;
  }

  #take(id: string): Kept | undefined {
    const kept = this.#kept.get(id);
    if (kept === undefined) return undefined;
    this.#kept.delete(id);
    if (kept.until <= this.#context.clock.monotonic()) return undefined;
    this.#kept.set(id, kept);
    azureMetrics.of(this.#context.metrics).cacheHits.inc();
    return kept;
  }

  #keep(id: string, value: NetworkInterface | undefined): void {
    const { refreshIntervalMs } = this.#config;
    // The random part keeps the interfaces from expiring all at once.
    const ms = refreshIntervalMs * (10 + this.#random() * 3);
    this.#kept.set(id, { value, until: this.#context.clock.monotonic() + ms });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
  }
}

function networkInterface(json: JsonValue): NetworkInterface | undefined {
  const properties = json.field("properties");
  if (properties.isNull) return undefined;
  const [first] = properties.list("ipConfigurations");
  const address = first?.field("properties");
  return {
    isPrimary: properties.field("primary").isNull ? undefined : properties.flag("primary"),
    addresses: address && {
      privateIp: address.text("privateIPAddress"),
      publicIp: address.at("publicIPAddress", "properties").text("ipAddress"),
    },
  };
}
