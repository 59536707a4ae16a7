import { INVALID } from "../decode/codec.ts";
import { flag, text } from "../decode/plain-values.ts";
import { type Secret, secret } from "../decode/secret.ts";
import { field, optional, type Section, section } from "../decode/section.ts";
import { isSet } from "../http-client/tls-section.ts";

/**
 * Section `sigv4`: settings for signing AWS requests. Empty values are taken from the sources that AWS tools use by
 * default.
 */
export interface SigV4Config {
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: Secret | undefined;
  readonly profile: string;
  readonly roleArn: string;
  readonly externalId: string;
  readonly useFipsStsEndpoint: boolean;
  readonly serviceName: string;
}

export const sigv4Section: Section<SigV4Config> = section<SigV4Config>(
  "sigv4.plain",
  {
    region: field("region", text, ""),
    accessKey: field("access_key", text, ""),
    secretKey: optional("secret_key", secret),
    profile: field("profile", text, ""),
    roleArn: field("role_arn", text, ""),
    externalId: field("external_id", text, ""),
    useFipsStsEndpoint: field("use_fips_sts_endpoint", flag, false),
    serviceName: field("service_name", text, ""),
  },
  (value, at, report) => {
    if ((value.accessKey === "") === isSet(value.secretKey)) {
      const message =
        "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config";
      report(at.self, "sigv4", message, "give both access_key and secret_key, or neither");
      return INVALID;
    }
    if (value.externalId !== "" && value.roleArn === "") {
      report(at.externalId, "sigv4", "external_id can only be used with role_arn", "add role_arn");
      return INVALID;
    }
    return value;
  },
);

/** Section `azuread`: settings for Microsoft Azure tokens. Exactly one authentication method is configured. */
export interface AzureAdConfig {
  readonly managedIdentity: AzureIdentity | undefined;
  readonly workloadIdentity:
    | (AzureIdentity & { readonly tenantId: string; readonly tokenFilePath: string })
    | undefined;
  readonly oauth:
    | (AzureIdentity & { readonly clientSecret: Secret | undefined; readonly tenantId: string })
    | undefined;
  readonly sdk: { readonly tenantId: string } | undefined;
  readonly certificate: AzureCertificate | undefined;
  readonly cloud: string;
  readonly scope: string;
}

interface AzureIdentity {
  readonly clientId: string;
}

interface AzureCertificate extends AzureIdentity {
  readonly tenantId: string;
  readonly certificatePath: string;
  readonly certificateKeyPath: string;
  readonly certificatePassword: Secret | undefined;
  readonly sendCertificateChain: boolean;
}

const clientId = field("client_id", text, "");
const tenantId = field("tenant_id", text, "");

const TOKEN_FILE = "/var/run/secrets/azure/tokens/azure-identity-token";
const CLOUDS: readonly string[] = ["AzurePublic", "AzureChina", "AzureGovernment"];
const UUID = /^(?:urn:uuid:)?\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?$/i;

const azureTable = section<AzureAdConfig>("azuread.plain", {
  managedIdentity: optional("managed_identity", section("azuread.ManagedIdentityConfig", { clientId })),
  workloadIdentity: optional(
    "workload_identity",
    section("azuread.WorkloadIdentityConfig", {
      clientId,
      tenantId,
      tokenFilePath: field("token_file_path", text, TOKEN_FILE),
    }),
  ),
  oauth: optional(
    "oauth",
    section("azuread.OAuthConfig", { clientId, clientSecret: optional("client_secret", secret), tenantId }),
  ),
  sdk: optional("sdk", section("azuread.SDKConfig", { tenantId })),
  certificate: optional(
    "certificate",
    section("azuread.CertificateConfig", {
      clientId,
      tenantId,
      certificatePath: field("certificate_path", text, ""),
      certificateKeyPath: field("certificate_key_path", text, ""),
      certificatePassword: optional("certificate_password", secret),
      sendCertificateChain: field("send_certificate_chain", flag, false),
    }),
  ),
  cloud: field("cloud", text, "AzurePublic"),
  scope: field("scope", text, ""),
});

export const azureAdSection: Section<AzureAdConfig> = {
  ...azureTable,
  decode(node, context) {
    const value = azureTable.decode(node, context);
    if (value === INVALID) return INVALID;
    const whole = value.cloud === "" ? { ...value, cloud: "AzurePublic" } : value;
    const problem = azureProblem(whole);
    if (problem === undefined) return whole;
    context.report(node, "azuread", problem, "");
    return INVALID;
  },
};

function azureProblem(value: AzureAdConfig): string | undefined {
  const { managedIdentity, workloadIdentity, oauth, sdk, certificate, cloud, scope } = value;
  if (!CLOUDS.includes(cloud)) return `must provide a cloud in the Azure AD config, one of ${CLOUDS.join(", ")}`;
  const methods = [managedIdentity, workloadIdentity, oauth, sdk, certificate].filter(
    (method) => method !== undefined,
  ).length;
  if (methods === 0) {
    return "must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth, Azure Certificate or Azure SDK in the Azure AD config";
  }
  if (methods > 1) return "cannot provide multiple authentication methods in the Azure AD config";
  const needed = [
    ["Workload Identity", "client_id", workloadIdentity?.clientId],
    ["Workload Identity", "tenant_id", workloadIdentity?.tenantId],
    ["OAuth", "client_id", oauth?.clientId],
    ["OAuth", "client_secret", oauth?.clientSecret?.reveal() ?? (oauth === undefined ? undefined : "")],
    ["OAuth", "tenant_id", oauth?.tenantId],
    ["Certificate", "client_id", certificate?.clientId],
    ["Certificate", "tenant_id", certificate?.tenantId],
    ["Certificate", "certificate_path", certificate?.certificatePath],
  ] as const;
  for (const [method, key, given] of needed) {
    if (given === "") return `must provide an Azure ${method} ${key} in the Azure AD config`;
  }
  const uuids = [
    ["Managed Identity client_id", managedIdentity?.clientId],
    ["Workload Identity client_id", workloadIdentity?.clientId],
    ["Workload Identity tenant_id", workloadIdentity?.tenantId],
    ["OAuth client_id", oauth?.clientId],
    ["Certificate client_id", certificate?.clientId],
  ] as const;
  for (const [what, given] of uuids) {
    if (given !== undefined && given !== "" && !UUID.test(given)) return `the provided Azure ${what} is invalid`;
  }
  return scope === "" || /^[\w\s:/.-]+$/.test(scope) ? undefined : "the provided scope contains invalid characters";
}

/**
 * Section `google_iam`: path of the file with Google credentials. Without a path, Google's default location is used.
 */
export interface GoogleIamConfig {
  readonly credentialsFile: string;
}

export const googleIamSection: Section<GoogleIamConfig> = section<GoogleIamConfig>("googleiam.Config", {
  credentialsFile: field("credentials_file", text, ""),
});
