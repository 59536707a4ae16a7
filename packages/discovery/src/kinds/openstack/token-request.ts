import type { Secret } from "@narthex/config";
import type { OpenstackAccount } from "./account.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Returns the body of a request for a token; https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization.
 * Throws if the account is incomplete or ambiguous.
 */
export function tokenRequest(account: OpenstackAccount): string {
  const scope = scopeOf(account);
  return JSON.stringify({ auth: { identity: identityOf(account), ...(scope && { scope }) } });
}

/** Returns the secrets in the request for a token. */
export const secretsIn = (account: OpenstackAccount): readonly string[] =>
  [account.password, account.passcode, account.applicationCredentialSecret].map(revealed);

const revealed = (value: Secret | string | undefined): string =>
  typeof value === "string" ? value : (value?.reveal() ?? "");

function identityOf(account: OpenstackAccount): Json {
  const password = revealed(account.password);
  const { passcode } = account;
  if (password === "" && passcode === "") {
    const credential = applicationCredential(account);
    return { methods: ["application_credential"], application_credential: credential };
  }
  const user = passwordUser(account);
  return {
    methods: [...(password === "" ? [] : ["password"]), ...(passcode === "" ? [] : ["totp"])],
    ...(password !== "" && { password: { user: { ...user, password } } }),
    ...(passcode !== "" && { totp: { user: { ...user, passcode } } }),
  };
}

function passwordUser({ username, userId, domainId, domainName }: OpenstackAccount): Json {
  if ((username === "") === (userId === "")) throw new Error("give exactly one of username and userid");
  if (userId !== "") {
    if (domainId !== "" || domainName !== "") throw new Error("remove the domain: userid is unique without it");
    return { id: userId };
  }
  if ((domainId === "") === (domainName === "")) throw new Error("give exactly one of domain_id and domain_name");
  return { name: username, domain: domainOf(domainId, domainName) };
}

function applicationCredential(account: OpenstackAccount): Json {
  const { applicationCredentialId: id, applicationCredentialName: name } = account;
  const { username, userId, domainId, domainName } = account;
  if (id === "" && name === "") throw new Error("give a password or an application credential");
  const secret = revealed(account.applicationCredentialSecret);
  if (secret === "") throw new Error("give application_credential_secret");
  if (id !== "") return { id, secret };
  if (userId !== "") return { name, secret, user: { id: userId } };
  if (username === "") throw new Error("give userid or username with application_credential_name");
  if (domainId === "" && domainName === "") throw new Error("give domain_id or domain_name with username");
  return { name, secret, user: { name: username, domain: domainOf(domainId, domainName) } };
}

const domainOf = (id: string, name: string): Json => (id === "" ? { name } : { id });

/** Returns what the token is valid for. An application credential has a fixed scope. */
function scopeOf(account: OpenstackAccount): Json | undefined {
  const { projectId, projectName, domainId, domainName } = account;
  if (account.applicationCredentialId !== "" || account.applicationCredentialName !== "") return undefined;
  if (account.isSystemScope) return { system: { all: true } };
  if (projectId !== "") return { project: { id: projectId } };
  if (projectName === "") return undefined;
  if (domainId === "" && domainName === "") throw new Error("give domain_id or domain_name with project_name");
  return { project: { name: projectName, domain: domainOf(domainId, domainName) } };
}
