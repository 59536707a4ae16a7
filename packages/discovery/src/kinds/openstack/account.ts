import type { Secret } from "@narthex/config";
import type { OpenstackDiscovery } from "./openstack.ts";

/** An account of an OpenStack cloud. Missing fields are "". */
export interface OpenstackAccount {
  readonly identityEndpoint: string;
  readonly username: string;
  readonly userId: string;
  readonly password: Secret | string | undefined;
  /** One-time password, as a second or only factor. */
  readonly passcode: string;
  readonly projectName: string;
  readonly projectId: string;
  readonly domainName: string;
  readonly domainId: string;
  readonly applicationCredentialName: string;
  readonly applicationCredentialId: string;
  readonly applicationCredentialSecret: Secret | string | undefined;
  /** Whether the token is valid for the whole system instead of a project. */
  readonly isSystemScope: boolean;
}

/**
 * Returns the account of a section. Without `identity_endpoint`, the environment contains the whole account. Throws if a
 * variable is missing.
 */
export function accountOf(
  config: OpenstackDiscovery,
  env: Readonly<Record<string, string | undefined>>,
): OpenstackAccount {
  return config.identityEndpoint === "" ? accountFrom(env) : { ...config, passcode: "", isSystemScope: false };
}

function accountFrom(env: Readonly<Record<string, string | undefined>>): OpenstackAccount {
  const variable = (...names: readonly string[]): string => names.map((name) => env[name] ?? "").find(Boolean) ?? "";
  const account = {
    identityEndpoint: variable("OS_AUTH_URL"),
    username: variable("OS_USERNAME"),
    userId: variable("OS_USERID"),
    password: variable("OS_PASSWORD"),
    passcode: variable("OS_PASSCODE"),
    projectName: variable("OS_PROJECT_NAME", "OS_TENANT_NAME"),
    projectId: variable("OS_PROJECT_ID", "OS_TENANT_ID"),
    domainName: variable("OS_DOMAIN_NAME"),
    domainId: variable("OS_DOMAIN_ID"),
    applicationCredentialName: variable("OS_APPLICATION_CREDENTIAL_NAME"),
    applicationCredentialId: variable("OS_APPLICATION_CREDENTIAL_ID"),
    applicationCredentialSecret: variable("OS_APPLICATION_CREDENTIAL_SECRET"),
    isSystemScope: env["OS_SYSTEM_SCOPE"] === "all",
  };
  const missing = missingVariables(account);
  if (missing === undefined) return account;
  throw new Error(`missing environment variable ${missing}: set it, or write identity_endpoint and an account`);
}

/** Returns the variables of which one is missing, or undefined if the account is complete. */
function missingVariables(account: OpenstackAccount): string | undefined {
  const hasUser = account.userId !== "" || account.username !== "";
  const hasDomain = account.domainId !== "" || account.domainName !== "";
  const hasId = account.applicationCredentialId !== "";
  const hasName = account.applicationCredentialName !== "";
  const hasSecret = account.applicationCredentialSecret !== "";
  if (account.identityEndpoint === "") return "OS_AUTH_URL";
  if (!hasUser && !hasId && !hasSecret) return "OS_USERID or OS_USERNAME";
  if (account.password === "" && account.passcode === "" && !hasId && !hasName) return "OS_PASSWORD";
  if ((hasId || hasName) && !hasSecret) return "OS_APPLICATION_CREDENTIAL_SECRET";
  if (!hasDomain && account.projectId === "" && account.projectName !== "") return "OS_PROJECT_ID";
  if (hasId || !hasName) return undefined;
  if (!hasUser) return "OS_USERID or OS_USERNAME";
  return account.username !== "" && !hasDomain ? "OS_DOMAIN_ID or OS_DOMAIN_NAME" : undefined;
}
