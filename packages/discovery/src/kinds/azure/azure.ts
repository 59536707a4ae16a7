import {
  defaultHttpClient,
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  integer,
  INVALID,
  millis,
  optional,
  type Secret,
  secret,
  section,
  text,
} from "@narthex/config";
import type { Discoverer } from "../../discoverer.ts";
import { definePolled } from "../../polled-discoverer.ts";
import { azureMetrics } from "./azure-metrics.ts";

/** One entry of `azure_sd_configs`. */
export interface AzureDiscovery {
  /** Name of the cloud: `AzurePublicCloud`, `AzureChinaCloud`, … */
  readonly environment: string;
  readonly port: number;
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: Secret | undefined;
  readonly refreshIntervalMs: number;
  readonly authenticationMethod: string;
  /** Resource group whose machines are found; "" for all. */
  readonly resourceGroup: string;
  readonly httpClient: HttpClientConfig;
}

/** Environment and client settings of a discoverer of Azure. */
export interface AzureAccess {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Settings for requests of tokens, for which the section's settings are not used. */
  readonly tokenClient: HttpClientConfig;
}

const METHODS: readonly string[] = ["OAuth", "ManagedIdentity", "SDK", "WorkloadIdentity"];

/** The fields that an application needs, with which OAuth is used. */
const OAUTH_FIELDS = [
  ["tenantId", "tenant_id"],
  ["clientId", "client_id"],
  ["clientSecret", "client_secret"],
] as const;

const azureSection = section<AzureDiscovery>(
  "azure.plain",
  {
    environment: field("environment", text, "AzurePublicCloud"),
    port: field("port", integer, 80, true),
    subscriptionId: field("subscription_id", text, "", true),
    tenantId: field("tenant_id", text, ""),
    clientId: field("client_id", text, ""),
    clientSecret: optional("client_secret", secret),
    refreshIntervalMs: field("refresh_interval", millis, 300_000),
    authenticationMethod: field("authentication_method", text, "OAuth"),
    resourceGroup: field("resource_group", text, ""),
    httpClient: inline(httpClientSection({ enableHttp2: true })),
  },
  (value, at, report) => {
    const missing = missingField(value);
    if (missing !== undefined) {
      const [key, name] = missing;
      const hint = key === "subscriptionId" ? "add subscription_id" : `add ${name}, or another authentication_method`;
      report(at[key], "azure-sd", `azure SD configuration requires a ${name}`, hint);
      return INVALID;
    }
    if (METHODS.includes(value.authenticationMethod)) return value;
    const given = JSON.stringify(value.authenticationMethod);
    const message = `unknown authentication_type ${given}. Supported types are "OAuth", "ManagedIdentity", "SDK" or "WorkloadIdentity"`;
    report(at.authenticationMethod, "azure-sd", message, "write authentication_method as it is listed");
    return INVALID;
  },
);

/** Returns the first required field that is missing. */
function missingField(value: AzureDiscovery): readonly [key: keyof AzureDiscovery, name: string] | undefined {
  if (value.subscriptionId === "") return ["subscriptionId", "subscription_id"];
  if (value.authenticationMethod !== "OAuth") return undefined;
  return OAUTH_FIELDS.find(([key]) => {
    const given = value[key];
    return (typeof given === "string" ? given : (given?.reveal() ?? "")) === "";
  });
}

/** Returns a discoverer for the virtual machines of an Azure subscription. */
export const createAzureDiscoverer = (access: AzureAccess): Discoverer =>
  definePolled<AzureDiscovery>({
    key: "azure_sd_configs",
    name: "azure",
    metrics: azureMetrics,
    codec: azureSection,
    intervalMs: (config) => config.refreshIntervalMs,
    open: async (config, context) => (await import("./inventory.ts")).openInventory(config, context, access),
  });

/** Finds the virtual machines of an Azure subscription, also those of scale sets. */
export const azureDiscoverer = createAzureDiscoverer({
  env: process.env,
  tokenClient: { ...defaultHttpClient, proxyFromEnvironment: true },
});
