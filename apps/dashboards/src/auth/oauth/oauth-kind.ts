import type { OAuthSection, OAuthSettings } from "../../settings/sign-in-settings.ts";
import type { Provider } from "../credentials/credential.ts";
import type { Claims } from "../external/claims.ts";

/** A kind of OAuth provider, which determines the provider's addresses and how an account is read. */
export interface OAuthKind {
  readonly section: OAuthSection;
  readonly provider: Provider;
  /** Name on the login page. */
  readonly label: string;
  /** Default values of the settings with the same names. */
  readonly defaults: Partial<
    Pick<OAuthSettings, "scopes" | "auth_url" | "token_url" | "api_url" | "jwk_set_url" | "role_attribute_path">
  >;
  /** Reads the account. Rejects with SignInError or with the errors of `getJson`. */
  read(source: AccountSource): Promise<AccountData>;
}

/** The answers of a provider after a sign-in. */
export interface AccountSource {
  readonly settings: OAuthSettings;
  /** Claims of the ID token; empty without one. */
  readonly idToken: Claims;
  /** Claims of the access token, if it is a JWT. */
  readonly accessToken: Claims;
  /** Requests an address of the provider's API with the access token. Rejects with SignInError. */
  readonly getJson: (url: string) => Promise<unknown>;
}

/** An account as a kind reads it. */
export interface AccountData {
  readonly subject: string;
  readonly login: string;
  readonly email: string;
  readonly name: string;
  readonly groups: readonly string[];
  /** True if the provider has left out the groups, because there are too many. */
  readonly areGroupsOmitted?: boolean;
  readonly organizations: readonly string[];
  readonly teamIds: readonly string[];
  /** The data in which `role_attribute_path` is searched, the most important part first. */
  readonly claims: readonly Claims[];
}
