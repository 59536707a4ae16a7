import { choice, duration, flag, integer, secret, type Setting, text } from "./setting-kinds.ts";

/** Settings that each OAuth or OIDC provider has. */
const OAUTH = {
  enabled: flag(false, "Whether users can sign in with this provider."),
  name: text("", "Name of the provider on the login page; empty: that of its kind."),
  allow_sign_up: flag(true, "Whether a user who is unknown here is added at the first sign-in."),
  auto_login: flag(false, "Whether the login page leads to the provider at once."),
  client_id: text("", "Id of this server at the provider."),
  client_secret: secret("", "Secret of this server at the provider."),
  scopes: text("", "Scopes to request, separated by spaces; empty: those of the kind."),
  empty_scopes: flag(false, "Whether no scopes are requested."),
  issuer_url: text(
    "",
    "Ours: address of the issuer, whose discovery document (`/.well-known/openid-configuration`) replaces auth_url, token_url, api_url and jwk_set_url.",
  ),
  auth_url: text("", "Address of the provider's sign-in page."),
  token_url: text("", "Address at which the provider gives tokens."),
  api_url: text("", "Address of the data of the signed-in user (UserInfo); Microsoft: address of Microsoft Graph."),
  teams_url: text(
    "",
    "Address of the user's teams; the ids of teams are compared with team_ids. Google: address of the user's groups.",
  ),
  jwk_set_url: text(
    "",
    "Address of the keys that sign ID tokens; empty: that of the kind, or signatures are not checked.",
  ),
  auth_style: choice(
    "AutoDetect",
    ["AutoDetect", "InParams", "InHeader"],
    "How the client secret is sent: in the body (also AutoDetect) or in a header.",
  ),
  use_pkce: flag(false, "Whether PKCE protects the code; always on with issuer_url."),
  use_refresh_token: flag(
    false,
    "Whether the provider is asked again when the access token has expired, so that rights that it has withdrawn end.",
  ),
  allowed_domains: text("", "Domains of e-mail addresses that may sign in, separated by spaces or commas; empty: all."),
  allowed_groups: text("", "Groups whose members may sign in, separated by spaces or commas; empty: all."),
  allowed_organizations: text("", "Organizations (Azure: tenants) whose members may sign in; empty: all."),
  team_ids: text("", "Ids of teams whose members may sign in; empty: all."),
  hosted_domain: text("", "Google: domain of the Workspace whose users may sign in; `*`: any Workspace."),
  validate_hd: flag(
    true,
    "Google: whether the Workspace domain (`hd`) of an account must be one of allowed_domains, not only the domain of its e-mail address.",
  ),
  force_use_graph_api: flag(
    false,
    "Microsoft: whether the groups always come from Microsoft Graph, and not only if the token leaves them out.",
  ),
  domain_hint: text("", "Microsoft: domain whose sign-in page is shown at once."),
  login_attribute_path: text("", "JMESPath of the login in the provider's data."),
  name_attribute_path: text("", "JMESPath of the name."),
  email_attribute_path: text("", "JMESPath of the e-mail address."),
  email_attribute_name: text("email:primary", "Name of the e-mail address among `attributes` in the provider's data."),
  groups_attribute_path: text("", "JMESPath of the list of groups."),
  team_ids_attribute_path: text("", "JMESPath of the list of team ids in the answer of teams_url."),
  role_attribute_path: text("", "JMESPath of the role: None, Viewer, Editor, Admin or GrafanaAdmin."),
  role_attribute_strict: flag(false, "Whether a user without a valid role may not sign in."),
  org_mapping: text("", "List of `group:organization:role`, separated by spaces or commas; `*` is any group."),
  allow_assign_grafana_admin: flag(false, "Whether the role GrafanaAdmin makes an admin of the server."),
  skip_org_role_sync: flag(false, "Whether roles are given here, and not by the provider."),
  signout_redirect_url: text("", "Address to open after a logout; with issuer_url: the provider's own."),
  tls_skip_verify_insecure: flag(false, "Whether the provider's certificate is not checked."),
  tls_client_ca: text("", "File of the authority that signed the provider's certificate."),
  tls_client_cert: text("", "File of the client certificate for the provider."),
  tls_client_key: text("", "File of the key of that certificate."),
} satisfies Readonly<Record<string, Setting<unknown>>>;

/** The settings of a provider, by key without the section. */
export type OAuthSettings = {
  readonly [K in keyof typeof OAUTH]: (typeof OAUTH)[K] extends Setting<infer T> ? T : never;
};

export const OAUTH_SECTIONS = [
  "auth.generic_oauth",
  "auth.github",
  "auth.gitlab",
  "auth.google",
  "auth.azuread",
  "auth.okta",
] as const;

export type OAuthSection = (typeof OAUTH_SECTIONS)[number];

type InSection<S extends string> = { readonly [K in keyof typeof OAUTH as `${S}.${K}`]: (typeof OAUTH)[K] };

/** Settings that are true by default for some providers, as in Grafana. */
const ON: Readonly<Partial<Record<OAuthSection, readonly (keyof typeof OAUTH)[]>>> = {
  "auth.gitlab": ["use_pkce", "use_refresh_token"],
  "auth.google": ["use_pkce", "use_refresh_token"],
  "auth.azuread": ["use_pkce", "use_refresh_token"],
  "auth.okta": ["use_pkce"],
};

const inSection = <S extends OAuthSection>(section: S): InSection<S> => {
  const on = new Set<string>(ON[section]);
  const settings = Object.entries(OAUTH).map(([key, setting]): [string, Setting<unknown>] => [
    `${section}.${key}`,
    on.has(key) ? { ...setting, default: true } : setting,
  ]);
  return Object.fromEntries(settings) as InSection<S>;
};

/** Returns the settings of one provider, by key without the section. */
export const oauthSettings = (settings: Readonly<Record<string, unknown>>, section: OAuthSection): OAuthSettings =>
  Object.fromEntries(Object.keys(OAUTH).map((key) => [key, settings[`${section}.${key}`]])) as OAuthSettings;

/** Settings for signing in with an account of another system. */
export const SIGN_IN_SETTINGS = {
  "auth.oauth_auto_login": flag(false, "Whether the login page leads to the only OAuth provider at once."),
  "auth.oauth_allow_insecure_email_lookup": flag(
    false,
    "Whether an account of another system signs in as the user with the same e-mail address. Safe only if every provider checks addresses.",
  ),
  "auth.oauth_state_cookie_max_age": integer(600, "Seconds for the sign-in at a provider."),
  "auth.passkeys.enabled": flag(
    true,
    "Ours: whether users with a password here can add passkeys and sign in with them; off if disable_login_form is on.",
  ),
  "auth.default_matchers": text(
    "",
    'Ours: matchers, such as `{team="none"}`, that limit what everyone reads who is in no team with matchers; not admins.',
  ),
  "auth.ldap.enabled": flag(false, "Whether users of an LDAP directory can sign in."),
  "auth.ldap.config_file": text("/etc/grafana/ldap.toml", "File of the directory's servers and groups."),
  "auth.ldap.allow_sign_up": flag(true, "Whether a user who is unknown here is added at the first sign-in."),
  "auth.ldap.skip_org_role_sync": flag(false, "Whether roles are given here, and not by groups of the directory."),
  "auth.jwt.enabled": flag(false, "Whether requests may carry a JWT of another system."),
  "auth.jwt.header_name": text("", "Header that contains the JWT."),
  "auth.jwt.url_login": flag(false, "Whether the JWT may also be in the parameter `auth_token` of the address."),
  "auth.jwt.email_claim": text("", "Claim with the e-mail address."),
  "auth.jwt.username_claim": text("", "Claim with the login."),
  "auth.jwt.email_attribute_path": text("", "JMESPath of the e-mail address."),
  "auth.jwt.username_attribute_path": text("", "JMESPath of the login."),
  "auth.jwt.role_attribute_path": text("", "JMESPath of the role: None, Viewer, Editor, Admin or GrafanaAdmin."),
  "auth.jwt.role_attribute_strict": flag(false, "Whether a user without a valid role may not sign in."),
  "auth.jwt.groups_attribute_path": text("", "JMESPath of the list of groups."),
  "auth.jwt.org_mapping": text("", "List of `group:organization:role`; `*` is any group."),
  "auth.jwt.allow_assign_grafana_admin": flag(false, "Whether the role GrafanaAdmin makes an admin of the server."),
  "auth.jwt.skip_org_role_sync": flag(false, "Whether roles are given here, and not by the JWT."),
  "auth.jwt.auto_sign_up": flag(false, "Whether a user who is unknown here is added."),
  "auth.jwt.jwk_set_url": text("", "Address of the keys that sign the JWT."),
  "auth.jwt.jwk_set_file": text("", "File of these keys."),
  "auth.jwt.key_file": text("", "File of the public key, in PEM."),
  "auth.jwt.key_id": text("", "`kid` that the JWT must have with key_file; empty: any."),
  "auth.jwt.cache_ttl": duration("60m", "Longest time for which keys of jwk_set_url are kept."),
  "auth.jwt.expect_claims": text("{}", "Claims that the JWT must have, as JSON."),
  "auth.proxy.enabled": flag(false, "Whether a reverse proxy signs users in with a header."),
  "auth.proxy.header_name": text("X-WEBAUTH-USER", "Header with the user."),
  "auth.proxy.header_property": choice("username", ["username", "email"], "Kind of the name in the header."),
  "auth.proxy.auto_sign_up": flag(true, "Whether a user who is unknown here is added."),
  "auth.proxy.whitelist": text(
    "",
    "Addresses and networks of the proxies, separated by commas; empty: all, so that everyone who reaches this server can sign in as anyone.",
  ),
  "auth.proxy.headers": text("", "Further headers: `Name:X-Name Email:X-Email Role:X-Role Groups:X-Groups`."),
  "auth.proxy.enable_login_token": flag(false, "Whether a session begins, for requests without the header."),
  ...inSection("auth.generic_oauth"),
  ...inSection("auth.github"),
  ...inSection("auth.gitlab"),
  ...inSection("auth.google"),
  ...inSection("auth.azuread"),
  ...inSection("auth.okta"),
} satisfies Readonly<Record<string, Setting<unknown>>>;
