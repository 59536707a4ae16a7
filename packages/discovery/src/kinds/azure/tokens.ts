import type { AzureAdConfig } from "@narthex/config";
import { azureTokens } from "@narthex/http";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient } from "../../discovery-client.ts";
import type { AzureAccess, AzureDiscovery } from "./azure.ts";
import type { AzureCloud } from "./clouds.ts";

/** Tokens for the Azure Resource Manager. */
export interface ManagementTokens {
  /** Returns a token. Tokens are kept until shortly before they expire. */
  get(): Promise<string>;
  /** Forgets the token, because Azure has refused it. */
  forget(): void;
}

/** Returns the tokens of a section. Rejects if the TLS files of the token client cannot be read. */
export async function managementTokens(
  config: AzureDiscovery,
  cloud: AzureCloud,
  context: DiscoveryContext,
  { env, tokenClient }: AzureAccess,
): Promise<ManagementTokens> {
  const client = await DiscoveryClient.open(tokenClient, context);
  let tokens: (() => Promise<string>) | undefined;
  return {
    async get() {
      tokens ??= azureTokens(identityOf(config, cloud, env), {
        env,
        send: (url, request) => client.request(url, request),
      });
      return tokens();
    },
    forget: () => (tokens = undefined),
  };
}

const NONE: Omit<AzureAdConfig, "cloud" | "scope"> = {
  managedIdentity: undefined,
  workloadIdentity: undefined,
  oauth: undefined,
  sdk: undefined,
  certificate: undefined,
};

/** Returns the identity that requests tokens. Throws if the environment lacks a variable. */
function identityOf(
  { authenticationMethod, tenantId, clientId, clientSecret }: AzureDiscovery,
  { name, scope }: AzureCloud,
  env: AzureAccess["env"],
): AzureAdConfig {
  const shared = { ...NONE, cloud: name, scope };
  switch (authenticationMethod) {
    case "ManagedIdentity":
      return { ...shared, managedIdentity: { clientId } };
    case "WorkloadIdentity":
      return {
        ...shared,
        workloadIdentity: {
          clientId: variable(env, "AZURE_CLIENT_ID"),
          tenantId: variable(env, "AZURE_TENANT_ID"),
          tokenFilePath: variable(env, "AZURE_FEDERATED_TOKEN_FILE"),
        },
      };
    case "SDK":
      return { ...shared, sdk: { tenantId } };
    default:
      return { ...shared, oauth: { tenantId, clientId, clientSecret } };
  }
}

function variable(env: AzureAccess["env"], name: string): string {
  const value = env[name] ?? "";
  if (value !== "") return value;
  throw new Error(`the environment has no ${name}: check that the pod uses a workload identity`);
}
