import type { PasswordHash } from "../passwords/passwords.ts";

/** A stored credential with which a user signs in. A user may have several, of different kinds. */
export type Credential = PasswordCredential | ExternalCredential;

/** A credential of a user who is about to be added. */
export type NewCredential = Omit<PasswordCredential, "userId"> | Omit<ExternalCredential, "userId">;

interface PasswordCredential {
  readonly kind: "password";
  readonly userId: number;
  readonly hash: PasswordHash;
}

/** An account of another system with which a user signs in, for example of an OIDC provider or an LDAP directory. */
export interface ExternalCredential {
  readonly kind: "external";
  readonly userId: number;
  /** The system to which the account belongs, with the name that Grafana's API uses. */
  readonly provider: Provider;
  /** Identifier of the account at the provider, which never changes: `sub` of OIDC, the DN of LDAP. */
  readonly subject: string;
}

/** Labels that user lists show for users who have signed in with another system, by the name of the system. */
export const PROVIDER_LABELS = {
  oauth_generic_oauth: "Generic OAuth",
  oauth_github: "GitHub",
  oauth_gitlab: "GitLab",
  oauth_google: "Google",
  oauth_azuread: "AzureAD",
  oauth_okta: "Okta",
  ldap: "LDAP",
  authproxy: "Auth Proxy",
  jwt: "JWT",
} as const;

export type Provider = keyof typeof PROVIDER_LABELS;

export const isProvider = (text: string): text is Provider => Object.hasOwn(PROVIDER_LABELS, text);

/** Maximum length of a subject (the account's identifier at the provider), in characters. */
const MAX_SUBJECT = 1024;

export const isSubject = (subject: string): boolean => subject !== "" && subject.length <= MAX_SUBJECT;

/** Returns the key under which a credential is stored. No two users can have the same external account. */
export function keyOf(credential: Credential): string {
  switch (credential.kind) {
    case "password":
      return passwordKey(credential.userId);
    case "external":
      return externalKey(credential.provider, credential.subject);
  }
}

export const passwordKey = (userId: number): string => `password/${userId}`;

export const externalKey = (provider: Provider, subject: string): string => `external/${provider}/${subject}`;
