import { defaultHttpClient, type TlsConfig } from "@narthex/config";
import type { Clock } from "@narthex/runtime";
import * as client from "openid-client";
import { type OAuthSettings, oauthSettings } from "../../settings/sign-in-settings.ts";
import { SettingsError } from "../../settings/load-settings.ts";
import type { Settings } from "../../settings/setting-table.ts";
import { checkPath, type Claims } from "../external/claims.ts";
import { type ExternalAccount, groupsUnknown, SignInError } from "../external/external-account.ts";
import { listOf, mappedRole } from "../external/role-mapping.ts";
import { ORG } from "../users/profile-view.ts";
import { keysAt } from "../external/remote-keys.ts";
import { accessTokenClaims, idTokenClaims } from "./id-token.ts";
import type { AccountData, OAuthKind } from "./oauth-kind.ts";
import { callApi, requested } from "./provider-api.ts";
import { providerFetch, type ProviderFetch } from "../external/provider-fetch.ts";

/** Values that are stored when a sign-in begins, and compared when the browser comes back from the provider. */
export interface Flow {
  readonly key: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The provider's tokens that are stored for refreshes and for the sign-out. */
export interface OAuthTokens {
  /** Time at which the access token expires, Unix ms; 0 if unknown. */
  readonly expiresAt: number;
  readonly refreshToken: string;
  readonly idToken: string;
}

/** New tokens, and the account to which they belong. */
export interface Grant {
  readonly tokens: OAuthTokens;
  /** Reads the account. Rejects with SignInError as `finish` does. */
  readonly account: () => Promise<ExternalAccount>;
}

export interface SignedIn {
  readonly account: ExternalAccount;
  readonly tokens: OAuthTokens;
}

/** Placeholder for the issuer of a provider whose settings name none. The placeholder is not compared with tokens. */
const UNKNOWN_ISSUER = "https://issuer.invalid";

/** Time limit in ms for all requests that read one account. */
const ACCOUNT_LIMIT_MS = 30_000;

/** An OAuth or OpenID Connect provider that the settings define. */
export class OAuthProvider {
  /** Name of the provider in URLs: `github`. */
  readonly key: string;
  readonly label: string;
  readonly settings: OAuthSettings;
  readonly kind: OAuthKind;
  readonly #fallbackRole: Settings["users.auto_assign_org_role"];
  readonly #clock: Clock;
  readonly #organization: { readonly name: string };
  readonly #requests: ProviderFetch;
  readonly #keys: ReturnType<typeof keysAt> | undefined;
  #configuration: Promise<client.Configuration> | undefined;

  /** Throws SettingsError if a required setting is missing or a JMESPath is invalid. */
  constructor(kind: OAuthKind, all: Settings, clock: Clock, organization: { readonly name: string } = ORG) {
    const given = oauthSettings(all, kind.section);
    const settings = withDefaults(given, kind);
    checkSettings(kind.section, settings);
    checkAddresses(kind, given);
    this.kind = kind;
    this.key = kind.section.slice("auth.".length);
    this.label = settings.name === "" ? kind.label : settings.name;
    this.settings = settings;
    this.#fallbackRole = all["users.auto_assign_org_role"];
    this.#clock = clock;
    this.#organization = organization;
    this.#requests = providerFetch(tlsOf(settings));
    this.#keys = settings.jwk_set_url === "" ? undefined : keysAt(settings.jwk_set_url, this.#requests);
  }

  /**
   * Returns the address of the provider's sign-in page, and the values to compare when the browser comes back. Rejects
   * with SignInError.
   */
  async begin(redirectUri: string): Promise<{ readonly url: string; readonly flow: Flow }> {
    const configuration = await this.#open();
    const flow = {
      key: this.key,
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      state: flow.state,
      ...(this.settings.empty_scopes ? {} : { scope: this.#scopes.join(" ") }),
      ...(this.#hasOidc ? { nonce: flow.nonce } : {}),
      ...(this.#usesPkce
        ? { code_challenge: await client.calculatePKCECodeChallenge(flow.verifier), code_challenge_method: "S256" }
        : {}),
      ...this.kind.signInParameters?.(this.settings),
    });
    return { url: url.href, flow };
  }

  /**
   * Completes a sign-in: exchanges the code in the query string for tokens, and reads the account. Rejects with
   * SignInError if the provider or the settings refuse the account, or the provider cannot be reached.
   */
  async finish(redirectUri: string, query: string, flow: Flow): Promise<SignedIn> {
    const configuration = await this.#open();
    const current = new URL(redirectUri);
    current.search = query;
    // Removes the issuer from the address if the settings contain no issuer with which it could be compared.
    if (this.settings.issuer_url === "") current.searchParams.delete("iss");
    const checks = {
      expectedState: flow.state,
      ...(this.#usesPkce ? { pkceCodeVerifier: flow.verifier } : {}),
      ...(this.settings.issuer_url === "" ? {} : { expectedNonce: flow.nonce }),
    };
    const { tokens, account } = await this.#grant(configuration, flow.nonce, () =>
      client.authorizationCodeGrant(configuration, current, checks),
    );
    return { tokens, account: await account() };
  }

  /**
   * Exchanges a refresh token for new tokens. The caller must keep them even if the account cannot be read, because a
   * provider may accept each refresh token only once. Rejects as `finish` does.
   */
  async refresh(refreshToken: string): Promise<Grant> {
    const configuration = await this.#open();
    const grant = await this.#grant(configuration, undefined, () =>
      client.refreshTokenGrant(configuration, refreshToken),
    );
    const { tokens } = grant;
    return tokens.refreshToken === "" ? { ...grant, tokens: { ...tokens, refreshToken } } : grant;
  }

  /** Returns the address at which the provider ends its own session; undefined if it has no such address. */
  async signOutUrl(idToken: string, back: string): Promise<string | undefined> {
    if (this.settings.signout_redirect_url !== "") return this.settings.signout_redirect_url;
    const configuration = await this.#open().catch(() => undefined);
    if (configuration?.serverMetadata().end_session_endpoint === undefined) return undefined;
    const hint = idToken === "" ? {} : { id_token_hint: idToken };
    return client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: back, ...hint }).href;
  }

  close(): Promise<void> {
    return this.#requests.close();
  }

  get #usesPkce(): boolean {
    return this.settings.use_pkce || this.settings.issuer_url !== "";
  }

  get #hasOidc(): boolean {
    return this.#scopes.includes("openid");
  }

  get #scopes(): readonly string[] {
    const scopes = listOf(this.settings.scopes);
    const isMissing = this.kind.needsOfflineScope === true && !scopes.includes("offline_access");
    return isMissing && this.settings.use_refresh_token ? [...scopes, "offline_access"] : scopes;
  }

  #open(): Promise<client.Configuration> {
    this.#configuration ??= this.#configure();
    this.#configuration.catch(() => (this.#configuration = undefined));
    return this.#configuration;
  }

  async #configure(): Promise<client.Configuration> {
    const { client_id: id, client_secret: secret, auth_style: style, issuer_url: issuer } = this.settings;
    const authentication =
      secret === ""
        ? client.None()
        : style === "InHeader"
          ? client.ClientSecretBasic(secret)
          : client.ClientSecretPost(secret);
    const { fetch } = this.#requests;
    if (issuer !== "") {
      const insecure = issuer.startsWith("http:") ? [client.allowInsecureRequests] : [];
      try {
        return await client.discovery(new URL(issuer), id, undefined, authentication, {
          [client.customFetch]: fetch,
          execute: [...insecure, client.enableNonRepudiationChecks],
        });
      } catch (cause) {
        throw new SignInError("provider-unavailable", { cause });
      }
    }
    const { auth_url: authorization_endpoint, token_url: token_endpoint } = this.settings;
    const metadata = { issuer: UNKNOWN_ISSUER, authorization_endpoint, token_endpoint };
    const configuration = new client.Configuration(metadata, id, undefined, authentication);
    configuration[client.customFetch] = hidingIdTokens(fetch);
    if (token_endpoint.startsWith("http:")) client.allowInsecureRequests(configuration);
    return configuration;
  }

  async #grant(
    configuration: client.Configuration,
    nonce: string | undefined,
    send: () => Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers>,
  ): Promise<Grant> {
    const answer = await requested(send);
    const { userinfo_endpoint: userInfoUrl = "" } = configuration.serverMetadata();
    const { settings } = this;
    const seconds = answer.expires_in ?? 0;
    return {
      account: async () => {
        const until = this.#clock.monotonic() + ACCOUNT_LIMIT_MS;
        const data = await this.kind.read({
          settings: { ...settings, api_url: settings.api_url === "" ? userInfoUrl : settings.api_url },
          userInfoUrl,
          idToken: await this.#claimsOf(answer, nonce),
          accessToken: accessTokenClaims(answer.access_token),
          call: (url, body) =>
            requested(async () => {
              // Checks the time limit before the request for each page, because a list may have many pages.
              if (this.#clock.monotonic() > until)
                throw new Error(`the account was not read in ${ACCOUNT_LIMIT_MS / 1000} s`);
              return callApi(configuration, answer.access_token, url, body);
            }),
        });
        return this.#accountOf(data);
      },
      tokens: {
        expiresAt: seconds === 0 ? 0 : this.#clock.now() + seconds * 1000,
        refreshToken: answer.refresh_token ?? "",
        idToken: answer.id_token ?? hiddenIdToken(answer),
      },
    };
  }

  async #claimsOf(
    answer: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
    nonce: string | undefined,
  ): Promise<Claims> {
    if (this.settings.issuer_url !== "") return { ...answer.claims() };
    const token = hiddenIdToken(answer);
    if (token === "") return {};
    return idTokenClaims(token, {
      keys: this.#keys,
      clientId: this.settings.client_id,
      nonce,
      now: this.#clock.now(),
    });
  }

  /** Returns the account for the provider's data. Throws SignInError if the settings do not allow it to sign in. */
  #accountOf({
    subject,
    login,
    email,
    name,
    groups,
    organizations,
    teamIds,
    claims,
    ...data
  }: AccountData): ExternalAccount {
    const { settings, kind } = this;
    const { areGroupsOmitted = false, groupsError } = data;
    const isIn = (own: readonly string[], allowed: string, ignoresCase = false): boolean => {
      const [list, names] = [listOf(allowed), own].map((all) => (ignoresCase ? all.map(inLowerCase) : all));
      return list!.length === 0 || list!.some((one) => names!.includes(one));
    };
    const domain = email.slice(email.lastIndexOf("@") + 1);
    const isAllowed =
      isIn(email.includes("@") ? [domain] : [], settings.allowed_domains, true) &&
      isIn(organizations, settings.allowed_organizations, kind.ignoresCase) &&
      isIn(teamIds, settings.team_ids);
    if (!isAllowed) throw new SignInError("not-allowed");
    if (!isIn(groups, settings.allowed_groups))
      throw areGroupsOmitted ? groupsUnknown(data) : new SignInError("not-allowed");
    const { name: organization } = this.#organization;
    const given = mappedRole(settings, { claims, groups, fallback: this.#fallbackRole, organization });
    const own = { subject, login, email, name, groups, areGroupsOmitted, ...given };
    return { provider: kind.provider, ...own, ...(groupsError === undefined ? {} : { groupsError }) };
  }
}

const inLowerCase = (text: string): string => text.toLowerCase();

const HIDDEN = "narthex_id_token";

/**
 * Returns a fetch function that renames ID tokens in responses, so that the OAuth library does not compare their
 * issuer. Used if the settings name no issuer.
 */
const hidingIdTokens =
  (fetch: client.CustomFetch): client.CustomFetch =>
  async (url, options) => {
    const answer = await fetch(url, options);
    if (!answer.ok || options.method !== "POST") return answer;
    const text = await answer.text();
    const head = { status: answer.status, headers: answer.headers };
    try {
      const { id_token: token, ...rest } = JSON.parse(text) as Record<string, unknown>;
      return new Response(typeof token === "string" ? JSON.stringify({ ...rest, [HIDDEN]: token }) : text, head);
    } catch {
      // Returns a response that is not JSON unchanged, because the OAuth library reports this error.
      return new Response(text, head);
    }
  };

function hiddenIdToken(answer: client.TokenEndpointResponse): string {
  const token = answer[HIDDEN];
  return typeof token === "string" ? token : "";
}

const tlsOf = (settings: OAuthSettings): TlsConfig => ({
  ...defaultHttpClient.tls,
  caFile: settings.tls_client_ca,
  certFile: settings.tls_client_cert,
  keyFile: settings.tls_client_key,
  insecureSkipVerify: settings.tls_skip_verify_insecure,
});

function withDefaults(given: OAuthSettings, kind: OAuthKind): OAuthSettings {
  const { defaults, section } = kind;
  const hasIssuer = given.issuer_url !== "";
  // The defaults are left out if an issuer is set. The addresses then come from the issuer, and the public service must
  // not get its tokens.
  const chosen = Object.entries(defaults).filter(
    ([key]) => given[key as keyof OAuthSettings] === "" && !(hasIssuer && ISSUER_KEYS.has(key)),
  );
  const settings = { ...given, ...Object.fromEntries(chosen) };
  if (!hasIssuer)
    return settings.jwk_set_url === "" ? { ...settings, jwk_set_url: kind.keysUrl?.(settings) ?? "" } : settings;
  // A generic provider with a known issuer and without scopes uses the scopes of OpenID Connect.
  const isOidc = given.scopes === "" && section === "auth.generic_oauth";
  return isOidc ? { ...settings, scopes: "openid profile email" } : settings;
}

/** Settings that the discovery document of an issuer replaces. */
const ISSUER_KEYS: ReadonlySet<string> = new Set(["auth_url", "token_url", "api_url", "jwk_set_url"]);

/**
 * Throws SettingsError if the sign-in page is not on the provider's public service, but other addresses are not set.
 * Otherwise codes and tokens of that server would be sent to the public service.
 */
function checkAddresses({ section, defaults }: OAuthKind, given: OAuthSettings): void {
  const origin = URL.parse(given.auth_url)?.origin;
  const usual = URL.parse(defaults.auth_url ?? "")?.origin;
  if (origin === undefined || usual === undefined || origin === usual || given.issuer_url !== "") return;
  for (const key of ["token_url", "api_url"] as const) {
    if (given[key] === "")
      throw new SettingsError(`${section}.${key}: set it, because ${section}.auth_url is not an address of ${usual}`);
  }
}

/** Throws SettingsError if a required setting is missing or a JMESPath is invalid. */
function checkSettings(section: string, settings: OAuthSettings): void {
  const required =
    settings.issuer_url === "" ? (["client_id", "auth_url", "token_url"] as const) : (["client_id"] as const);
  for (const key of required) {
    if (settings[key] === "") throw new SettingsError(`${section}.${key}: set it, because ${section}.enabled is true`);
  }
  for (const key of ["issuer_url", "auth_url", "token_url", "api_url", "jwk_set_url", "teams_url"] as const) {
    if (settings[key] !== "" && !/^https?:$/.test(URL.parse(settings[key])?.protocol ?? ""))
      throw new SettingsError(`${section}.${key}: ${JSON.stringify(settings[key])} is not a URL`);
  }
  for (const key of Object.keys(settings) as (keyof OAuthSettings)[]) {
    if (key.endsWith("_attribute_path")) checkPath(`${section}.${key}`, String(settings[key]));
  }
}
