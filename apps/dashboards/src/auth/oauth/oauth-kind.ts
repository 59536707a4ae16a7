import type { OAuthSection, OAuthSettings } from "../../settings/sign-in-settings.ts";
import type { Provider } from "../credentials/credential.ts";
import type { Claims } from "../external/claims.ts";
import type { ApiAnswer } from "./provider-api.ts";

/** A kind of OAuth provider, which determines the provider's addresses and how an account is read. */
export interface OAuthKind {
  readonly section: OAuthSection;
  readonly provider: Provider;
  /** Name on the login page. */
  readonly label: string;
  /**
   * Default values of the settings with the same names. If `issuer_url` is not set, the addresses are those of the
   * provider's public service.
   */
  readonly defaults: Partial<
    Pick<
      OAuthSettings,
      "scopes" | "auth_url" | "token_url" | "api_url" | "teams_url" | "jwk_set_url" | "role_attribute_path"
    >
  >;
  /** Whether `use_refresh_token` needs the scope `offline_access`. */
  readonly needsOfflineScope?: boolean;
  /** Whether names of organizations are compared regardless of upper and lower case. */
  readonly ignoresCase?: boolean;
  /** Returns the address of the public keys that verify ID tokens, if it can be computed from the other addresses. */
  keysUrl?(settings: OAuthSettings): string;
  /** Returns additional URL parameters for the sign-in page. */
  signInParameters?(settings: OAuthSettings): Readonly<Record<string, string>>;
  /** Reads the account from the provider's responses. Rejects with SignInError. */
  read(source: AccountSource): Promise<AccountData>;
}

/** The responses of a provider after a sign-in, from which an account is read. */
export interface AccountSource {
  readonly settings: OAuthSettings;
  /** UserInfo address in the provider's discovery document; empty without a discovery document. */
  readonly userInfoUrl: string;
  /** Claims of the ID token; an empty object without an ID token. */
  readonly idToken: Claims;
  /** Claims of the access token, if it is a JWT. */
  readonly accessToken: Claims;
  /**
   * Requests an address of the provider's API with the access token. With a body, sends it as JSON in a POST request.
   * Rejects with SignInError.
   */
  readonly call: (url: string, body?: Readonly<Record<string, unknown>>) => Promise<ApiAnswer>;
}

/** Data of an account that was read from the provider's responses. */
export interface AccountData {
  readonly subject: string;
  readonly login: string;
  readonly email: string;
  readonly name: string;
  readonly groups: readonly string[];
  /**
   * True if the list of groups is incomplete, because there are too many groups or the provider refuses to list them.
   */
  readonly areGroupsOmitted?: boolean;
  /** The error with which the request for the missing groups failed. */
  readonly groupsError?: Error;
  readonly organizations: readonly string[];
  readonly teamIds: readonly string[];
  /** The data in which `role_attribute_path` is searched, the most important part first. */
  readonly claims: readonly Claims[];
}
