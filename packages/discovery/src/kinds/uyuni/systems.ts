import { withoutPassword } from "@narthex/config";
import { RenewedValue } from "@narthex/http";
import { Labels } from "@narthex/model";
import { during, statusError } from "../../answers/answer-error.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient, LONGEST_REQUEST_MS } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { withPath } from "../../fields/service-url.ts";
import type { UyuniDiscovery } from "./uyuni.ts";
import { xmlRpcCall, type XmlRpcParameter, xmlRpcResult, type XmlRpcValue } from "./xml-rpc.ts";

/** Lifetime that a login requests for its token. */
const TOKEN_SECONDS = 600;
/** Age at which a token is replaced. */
const RENEWED_AFTER_MS = (TOKEN_SECONDS * 1000) / 2;

/**
 * Returns a function that lists the exporters of all systems with the entitlement;
 * https://www.uyuni-project.org/uyuni-docs-api/uyuni/index.html.
 */
export async function openSystems(config: UyuniDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const client = await DiscoveryClient.open(config.httpClient, context);
  const url = withPath(config.server, "rpc/api");
  const call = async (method: string, ...parameters: readonly XmlRpcParameter[]): Promise<XmlRpcValue> => {
    // The first parameter is the token, except in a login: its second parameter is the password.
    const secrets = [String(parameters[method === "auth.login" ? 1 : 0])];
    const answer = await client.request(url, {
      method: "POST",
      headers: { "content-type": "text/xml" },
      body: xmlRpcCall(method, parameters),
      bodyHoldsSecret: true,
      secrets,
      timeoutMs: LONGEST_REQUEST_MS,
    });
    if (answer.status < 200 || answer.status > 299) throw statusError(url, answer, context.clock);
    return xmlRpcResult(answer.text, secrets);
  };
  const session = sessionToken(config, context, call);
  return async () => {
    const token = await session.get();
    try {
      const inventory = await requestInventory(call, token, config.entitlement);
      const targets = await targetsInTurns(context.clock, inventory.endpoints, (endpoint) =>
        labelsOf(endpoint, inventory, config.separator),
      );
      return [{ source: withoutPassword(url), targets, labels: Labels.EMPTY }];
    } catch (error) {
      session.forget();
      throw error;
    }
  };
}

type Call = (method: string, ...parameters: readonly XmlRpcParameter[]) => Promise<XmlRpcValue>;

/** Returns the token of the session, which is used for half of its lifetime, or until a call fails. */
function sessionToken(config: UyuniDiscovery, { clock }: DiscoveryContext, call: Call): RenewedValue<string> {
  const { username, password } = config;
  const now = (): number => clock.monotonic();
  return new RenewedValue(async () => {
    const value = await during("unable to login to Uyuni API", async () =>
      (await call("auth.login", username, password!.reveal(), TOKEN_SECONDS)).text(),
    );
    return { value, validUntil: now() + RENEWED_AFTER_MS };
  }, now);
}

/** The exporters, and what their labels need of their systems. Systems are identified by their numbers. */
interface Inventory {
  readonly endpoints: readonly XmlRpcValue[];
  readonly groups: ReadonlyMap<number, readonly string[]>;
  readonly networks: ReadonlyMap<number, XmlRpcValue>;
}

async function requestInventory(call: Call, token: string, entitlement: string): Promise<Inventory> {
  const groups = await during("unable to get the managed system groups information of monitored clients", async () =>
    groupsOf(await call("system.listSystemGroupsForSystemsWithEntitlement", token, entitlement)),
  );
  const ids = [...groups.keys()];
  const endpoints = await during("unable to get endpoints information", async () =>
    (await call("system.monitoring.listEndpoints", token, ids)).items(),
  );
  const networks = await during("unable to get the systems network information", async () =>
    networksOf(await call("system.getNetworkForSystems", token, ids)),
  );
  return { endpoints, groups, networks };
}

/** Returns the names of the groups of each system. */
function groupsOf(systems: XmlRpcValue): Inventory["groups"] {
  const groups = new Map<number, readonly string[]>();
  for (const system of systems.items()) {
    const listed = system.member("system_groups").items();
    groups.set(
      system.member("id").integer(),
      listed.map((group) => group.member("name").text()),
    );
  }
  return groups;
}

const networksOf = (networks: XmlRpcValue): Inventory["networks"] =>
  new Map(networks.items().map((network) => [network.member("system_id").integer(), network] as const));

function labelsOf(endpoint: XmlRpcValue, { groups, networks }: Inventory, separator: string): TargetLabels {
  const system = endpoint.member("system_id").integer();
  const network = networks.get(system);
  const hostname = network?.member("hostname").text() ?? "";
  return {
    // The host has no brackets if it is an IPv6 address, as in Prometheus.
    __address__: `${hostname}:${endpoint.member("port").integer()}`,
    __meta_uyuni_minion_hostname: hostname,
    __meta_uyuni_primary_fqdn: network?.member("primary_fqdn").text() ?? "",
    __meta_uyuni_system_id: String(system),
    __meta_uyuni_groups: (groups.get(system) ?? []).join(separator),
    __meta_uyuni_endpoint_name: endpoint.member("endpoint_name").text(),
    __meta_uyuni_exporter: endpoint.member("exporter_name").text(),
    __meta_uyuni_proxy_module: endpoint.member("module").text(),
    __meta_uyuni_metrics_path: endpoint.member("path").text(),
    __meta_uyuni_scheme: endpoint.member("tls_enabled").flag() ? "https" : "http",
  };
}
