import { type AzureAdConfig, Secret, type SigV4Config } from "@narthex/config";
import { azureTokens, bearerSigner, configuredSigner, type Signer } from "@narthex/http";
import { type Clock, systemClock } from "@narthex/runtime";
import type { DataSourceSettings } from "../data-source.ts";
import { flagAt, objectAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { secretOf } from "../source-secret.ts";

interface Surrounding {
  readonly clock?: Clock;
  /** Environment variables in which the credentials of clouds are configured. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Scopes of tokens for Azure Monitor's Prometheus, by the cloud in the settings. */
const AZURE_CLOUDS: Readonly<Record<string, readonly [cloud: string, scope: string]>> = {
  AzureCloud: ["AzurePublic", "https://prometheus.monitor.azure.com/.default"],
  AzureChinaCloud: ["AzureChina", "https://prometheus.monitor.azure.cn/.default"],
  AzureUSGovernment: ["AzureGovernment", "https://prometheus.monitor.azure.us/.default"],
};

/**
 * Returns the function that signs requests for the cloud in a source's settings. The settings have Grafana's names.
 * Returns undefined without a cloud. Throws QueryFailure for an unknown cloud or sign-in method.
 */
export function cloudSigner(
  settings: DataSourceSettings,
  { clock = systemClock, env = {} }: Surrounding,
): Signer | undefined {
  const { jsonData } = settings;
  if (flagAt(jsonData, "sigV4Auth") === true) return configuredSigner(...awsOf(settings, clock, env));
  const azure = objectAt(jsonData, "azureCredentials");
  if (azure === undefined || textAt(azure, "authType") === "") return undefined;
  return bearerSigner(azureTokens(azureOf(settings, azure), { env }));
}

function awsOf(
  settings: DataSourceSettings,
  clock: Clock,
  env: NonNullable<Surrounding["env"]>,
): Parameters<typeof configuredSigner> {
  const { jsonData } = settings;
  const type = textAt(jsonData, "sigV4AuthType") || "default";
  if (!["default", "keys", "credentials", "ec2_iam_role"].includes(type))
    throw new QueryFailure(
      400,
      `sigV4AuthType of data source "${settings.name}" is "${type.slice(0, 100)}"; write default, keys or credentials`,
    );
  const hasKeys = type === "keys";
  const config: SigV4Config = {
    region: textAt(jsonData, "sigV4Region"),
    accessKey: hasKeys ? secretOf(settings, "sigV4AccessKey") : "",
    secretKey: hasKeys ? new Secret(secretOf(settings, "sigV4SecretKey")) : undefined,
    profile: type === "credentials" ? textAt(jsonData, "sigV4Profile") : "",
    roleArn: textAt(jsonData, "sigV4AssumeRoleArn"),
    externalId: textAt(jsonData, "sigV4ExternalId"),
    useFipsStsEndpoint: false,
    serviceName: "",
  };
  return [config, { clock, env }];
}

function azureOf(settings: DataSourceSettings, azure: NonNullable<ReturnType<typeof objectAt>>): AzureAdConfig {
  const name = textAt(azure, "azureCloud") || "AzureCloud";
  if (!Object.hasOwn(AZURE_CLOUDS, name))
    throw new QueryFailure(
      400,
      `azureCloud of data source "${settings.name}" is "${name.slice(0, 100)}"; write ${Object.keys(AZURE_CLOUDS).join(", ")}`,
    );
  const [cloud, scope] = AZURE_CLOUDS[name]!;
  const clientId = textAt(azure, "clientId");
  const none = {
    managedIdentity: undefined,
    workloadIdentity: undefined,
    oauth: undefined,
    sdk: undefined,
    certificate: undefined,
    cloud,
    scope,
  };
  const type = textAt(azure, "authType");
  switch (type) {
    case "clientsecret": {
      const clientSecret = new Secret(secretOf(settings, "azureClientSecret"));
      return { ...none, oauth: { clientId, clientSecret, tenantId: textAt(azure, "tenantId") } };
    }
    case "msi":
      return { ...none, managedIdentity: { clientId } };
    case "workloadidentity":
      return { ...none, sdk: { tenantId: textAt(azure, "tenantId") } };
    default:
      throw new QueryFailure(
        400,
        `authType of data source "${settings.name}" is "${type.slice(0, 100)}"; write clientsecret, msi or workloadidentity`,
      );
  }
}
