import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { AuthenticationResult, Configuration, INetworkModule } from "@azure/msal-node";
import type { AzureAdConfig } from "@narthex/config";
import { shortened } from "@narthex/runtime";
import type { CloudTransport } from "../client/cloud-transport.ts";
import { RenewedValue } from "../client/renewed-value.ts";
import { withoutSecrets } from "../client/secrets-in-answers.ts";
import { azureNetwork } from "./azure-network.ts";

export interface AzureOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Sends the HTTP requests of Microsoft's authentication library. If undefined, the library uses its own HTTP client.
   */
  readonly send?: CloudTransport | undefined;
}

/** The options of a source of tokens for the library. */
interface LibraryOptions extends Pick<AzureOptions, "env"> {
  readonly network: INetworkModule | undefined;
}

interface Cloud {
  readonly login: string;
  /** OAuth scope of the requested tokens if the configuration contains no scope. */
  readonly scope: string;
}

/** Azure clouds by the values of the configuration's field `cloud`. */
const CLOUDS: Readonly<Record<string, Cloud>> = {
  AzurePublic: { login: "https://login.microsoftonline.com", scope: "https://monitor.azure.com//.default" },
  AzureChina: { login: "https://login.chinacloudapi.cn", scope: "https://monitor.azure.cn//.default" },
  AzureGovernment: { login: "https://login.microsoftonline.us", scope: "https://monitor.azure.us//.default" },
};

type Certificate = NonNullable<AzureAdConfig["certificate"]>;
/** Settings with which an application proves its identity to Azure: a secret, an assertion or a certificate. */
type Proof = Pick<Configuration["auth"], "clientSecret" | "clientAssertion" | "clientCertificate">;

/**
 * Returns a function that returns an access token for an `azuread` section. Microsoft's library caches tokens until
 * shortly before they expire. Calls at the same time share one request. The function rejects if the token server issues
 * no token.
 */
export function azureTokens(config: AzureAdConfig, { env, send }: AzureOptions): () => Promise<string> {
  const scope = config.scope || CLOUDS[config.cloud]!.scope;
  /** Error of the last request, which the library hides. */
  let failure: unknown;
  const network = send && azureNetwork(send, (error) => (failure = error));
  const secrets = [config.oauth?.clientSecret?.reveal() ?? "", env["AZURE_CLIENT_SECRET"] ?? ""];
  let opening: Promise<() => Promise<string>> | undefined;
  const token = new RenewedValue(async () => {
    failure = undefined;
    opening ??= open(config, scope, { env, network });
    try {
      const acquire = await opening;
      return { value: await acquire(), validUntil: -Infinity };
    } catch (error) {
      opening = undefined;
      const reason = failure ?? error;
      const problem = withoutSecrets(reason instanceof Error ? reason.message : String(reason), secrets);
      throw new Error(`failed to get a token from Azure: ${shortened(problem)}`, { cause: error });
    }
  });
  return () => token.get();
}

async function open(config: AzureAdConfig, scope: string, options: LibraryOptions): Promise<() => Promise<string>> {
  const { managedIdentity, workloadIdentity, oauth, certificate, sdk } = config;
  const { login } = CLOUDS[config.cloud]!;
  const application = (tenantId: string, clientId: string, proof: Proof): Promise<() => Promise<string>> =>
    applicationTokens({ authority: `${login}/${tenantId}`, clientId, ...proof }, scope, options);
  if (managedIdentity !== undefined) return managedTokens(managedIdentity.clientId, scope, options);
  if (workloadIdentity !== undefined) {
    const { tenantId, clientId, tokenFilePath } = workloadIdentity;
    return application(tenantId, clientId, assertionFrom(tokenFilePath));
  }
  if (oauth !== undefined) {
    return application(oauth.tenantId, oauth.clientId, { clientSecret: oauth.clientSecret?.reveal() ?? "" });
  }
  if (certificate !== undefined) {
    return application(certificate.tenantId, certificate.clientId, await certificateProof(certificate));
  }
  return defaultTokens(
    sdk?.tenantId ?? "",
    { application, managed: (id) => managedTokens(id, scope, options) },
    options,
  );
}

/**
 * Returns the proof of identity that is stored in a token file. Reads the file for each token, because Kubernetes
 * replaces it.
 */
const assertionFrom = (path: string): Proof => ({ clientAssertion: async () => (await readFile(path, "utf8")).trim() });

async function certificateProof(config: Certificate): Promise<Proof> {
  const { certificatePath, certificateKeyPath, certificatePassword, sendCertificateChain } = config;
  const chain = await readFile(certificatePath, "utf8");
  if (!chain.includes("-----BEGIN CERTIFICATE-----")) {
    throw new Error(
      `${certificatePath} contains no certificate in PEM; create one with: openssl pkcs12 -in ${certificatePath} -out certificate.pem`,
    );
  }
  const key = certificateKeyPath === "" ? chain : await readFile(certificateKeyPath, "utf8");
  const passphrase = certificatePassword?.reveal() ?? "";
  const privateKey = createPrivateKey({ key, ...(passphrase === "" ? {} : { passphrase }) });
  return {
    clientCertificate: {
      thumbprintSha256: new X509Certificate(chain).fingerprint256.replaceAll(":", ""),
      privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
      ...(sendCertificateChain ? { x5c: chain } : {}),
    },
  };
}

interface Ways {
  readonly application: (tenantId: string, clientId: string, proof: Proof) => Promise<() => Promise<string>>;
  readonly managed: (clientId: string) => Promise<() => Promise<string>>;
}

/**
 * Returns tokens from the first available source, in the same order as Azure's own libraries: environment variables of
 * an application, environment variables of a workload, the machine's managed identity.
 */
function defaultTokens(
  tenant: string,
  { application, managed }: Ways,
  { env }: LibraryOptions,
): Promise<() => Promise<string>> {
  const clientId = env["AZURE_CLIENT_ID"] ?? "";
  const tenantId = tenant || (env["AZURE_TENANT_ID"] ?? "");
  const clientSecret = env["AZURE_CLIENT_SECRET"] ?? "";
  const tokenFile = env["AZURE_FEDERATED_TOKEN_FILE"] ?? "";
  if (clientId !== "" && tenantId !== "" && clientSecret !== "")
    return application(tenantId, clientId, { clientSecret });
  if (clientId !== "" && tenantId !== "" && tokenFile !== "")
    return application(tenantId, clientId, assertionFrom(tokenFile));
  return managed(clientId);
}

async function applicationTokens(
  auth: Configuration["auth"],
  scope: string,
  { network }: LibraryOptions,
): Promise<() => Promise<string>> {
  const { ConfidentialClientApplication: Application } = await import("@azure/msal-node");
  const application = new Application({ auth, system: systemOf(network) });
  return async () => tokenOf(await application.acquireTokenByClientCredential({ scopes: [scope] }));
}

/**
 * Returns a function that returns a token of the machine's managed identity.
 * @param clientId the identity to use if the machine has several, or ""
 */
async function managedTokens(
  clientId: string,
  scope: string,
  { network }: LibraryOptions,
): Promise<() => Promise<string>> {
  const { ManagedIdentityApplication: Application } = await import("@azure/msal-node");
  const application = new Application({
    ...(clientId === "" ? {} : { managedIdentityIdParams: { userAssignedClientId: clientId } }),
    system: systemOf(network),
  });
  const resource = scope.replace(/\/\.default$/, "");
  return async () => tokenOf(await application.acquireToken({ resource }));
}

const systemOf = (network: INetworkModule | undefined): { networkClient?: INetworkModule } =>
  network === undefined ? {} : { networkClient: network };

function tokenOf(acquired: AuthenticationResult | null): string {
  if (acquired === null || acquired.accessToken === "") throw new Error("the answer does not contain a token");
  return acquired.accessToken;
}
