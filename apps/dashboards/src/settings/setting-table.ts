import { SIGN_IN_SETTINGS } from "./sign-in-settings.ts";
import { choice, duration, flag, integer, interval, secret, type Setting, text } from "./setting-kinds.ts";

/** Default value of `security.secret_key` in Grafana, which is public. */
export const PUBLIC_SECRET_KEY = "SW2YcwTIb9zpOOhoPsMm";

const ROLES = ["None", "Viewer", "Editor", "Admin"] as const;

/**
 * All settings that have an effect, by section and key. The environment variable of a setting is `GF_<SECTION>_<KEY>`
 * in capitals, with `_` for dots and dashes; `GF_…__FILE` names a file that contains the value. To add a setting, add a
 * line here; the documentation is generated from it.
 */
export const SETTINGS = {
  "server.protocol": choice("http", ["http", "https"], "Scheme; https needs a certificate."),
  "server.cert_file": text("", "File of the certificate and its intermediate certificates."),
  "server.cert_key": text("", "File of the certificate's key."),
  "server.http_addr": text("", "Address to listen on; empty: all."),
  "server.http_port": integer(3000, "Port to listen on."),
  "server.domain": text("localhost", "Host name in links."),
  "server.root_url": text("%(protocol)s://%(domain)s:%(http_port)s/", "Address of the pages for browsers."),
  "server.enable_gzip": flag(false, "Whether responses are compressed for clients that accept it."),
  "server.trusted_proxies": text(
    "",
    "Addresses and networks of proxies in front, separated by spaces; their X-Forwarded-For contains the client's address.",
  ),
  "server.enforce_domain": flag(false, "Whether other host names are redirected to `domain`."),
  "paths.data": text("/var/lib/grafana", "Folder of the state."),
  "paths.provisioning": text("/etc/grafana/provisioning", "Folder of provisioning files."),
  "paths.plugins": text("/var/lib/grafana/plugins", "Folder of plugins for panels and data sources."),
  "plugins.reload": flag(false, "Whether plugins are read again when a file in `paths.plugins` changes."),
  "plugins.development": text(
    "",
    "Folder of a plugin that is being written. The plugin is read again when a file changes.",
  ),
  "database.type": choice(
    "sqlite3",
    ["sqlite3", "postgres", "mysql"],
    "Kind of the state's database; mysql is refused.",
  ),
  "database.host": text("127.0.0.1:3306", "`host:port` of the PostgreSQL server."),
  "database.name": text("grafana", "Name of the database."),
  "database.user": text("root", "User of the database."),
  "database.password": secret("", "Password of that user."),
  "database.ssl_mode": text("disable", "disable, require, verify-ca or verify-full."),
  "database.ca_cert_path": text("", "File of the authority that signed the PostgreSQL server's certificate."),
  "database.client_cert_path": text("", "File of the client certificate for the PostgreSQL server."),
  "database.client_key_path": text("", "File of the key of that certificate."),
  "database.server_cert_name": text("", "Name in the PostgreSQL server's certificate; empty: its host."),
  "database.url": secret("", "All database settings in one: `postgres://user:password@host:port/name`."),
  "database.path": text("", "File of the state within `paths.data`; empty: narthex.db."),
  "security.admin_user": text("admin", "Login of the first user."),
  "security.admin_password": secret(
    "",
    "Password of the first user; empty: one is created at the first start, in the file `initial-admin-password` of `paths.data`.",
  ),
  "security.admin_email": text("admin@localhost", "E-mail address of the first user."),
  "security.disable_initial_admin_creation": flag(false, "Whether to skip the creation of the first user."),
  "security.secret_key": secret(
    PUBLIC_SECRET_KEY,
    "Key of stored secrets; the default: a key file in `paths.data`, or a key in the database that instances share.",
  ),
  "security.previous_secret_keys": secret(
    "",
    "Former values of secret_key, separated by spaces; their secrets are encrypted again at the start.",
  ),
  "security.cookie_secure": flag(false, "Whether cookies are only sent over HTTPS."),
  "security.cookie_samesite": choice("lax", ["lax", "strict", "none", "disabled"], "SameSite of cookies."),
  "security.allow_embedding": flag(false, "Whether other sites may show pages in frames."),
  "security.csrf_trusted_origins": text("", "Further hosts whose pages may send requests, separated by spaces."),
  "security.data_source_proxy_whitelist": text(
    "",
    "Permitted `host:port`s of data sources, separated by spaces; empty: all.",
  ),
  "security.data_source_allow_link_local": flag(
    false,
    "Whether data sources may have link-local addresses (169.254.0.0/16, fe80::/10), at which clouds provide credentials.",
  ),
  "security.disable_brute_force_login_protection": flag(false, "Whether failed logins are not counted."),
  "security.brute_force_login_protection_max_attempts": integer(
    5,
    "Failed logins of a name from a network in 5 minutes; ten times this for a network, twenty times for a name.",
  ),
  "users.default_theme": choice("system", ["dark", "light", "system"], "Theme of users who have not chosen one."),
  "users.home_page": text("", "Path of the first page, if no dashboard is chosen as the first."),
  "users.auto_assign_org_role": choice("Viewer", ROLES, "Role of users who are added."),
  "users.viewers_can_edit": flag(false, "Whether viewers may explore, and edit without saving."),
  "users.user_invite_max_lifetime_duration": duration("24h", "How long an invitation is valid."),
  "auth.login_cookie_name": text("grafana_session", "Name of the session's cookie."),
  "auth.login_maximum_inactive_lifetime_duration": duration("7d", "How long an idle session lasts."),
  "auth.login_maximum_lifetime_duration": duration("30d", "How long a session lasts."),
  "auth.token_rotation_interval_minutes": integer(10, "Minutes after which a session gets a new token."),
  "auth.disable_login_form": flag(false, "Whether the login form is off: `/login` accepts no passwords."),
  "auth.signout_redirect_url": text("", "Address to open after a logout."),
  "auth.anonymous.enabled": flag(false, "Whether pages are open to everybody."),
  "auth.anonymous.org_name": text(
    "Main Org.",
    "Organization of anonymous users; there is only one, and another name causes a warning.",
  ),
  "auth.anonymous.org_role": choice("Viewer", ROLES, "Role of anonymous users."),
  "auth.anonymous.hide_version": flag(false, "Whether the version is hidden from anonymous users."),
  "auth.basic.enabled": flag(true, "Whether requests may carry user and password."),
  "auth.basic.password_policy": flag(false, "Whether passwords need 12 characters, of four kinds; otherwise 4."),
  ...SIGN_IN_SETTINGS,
  "dashboards.default_home_dashboard_path": text("", "File of the dashboard that is shown first."),
  "dashboards.min_refresh_interval": interval(
    "5s",
    "Shortest refresh interval: a dashboard with a shorter one cannot be saved, and a dashboard from a file gets this one.",
  ),
  "dashboards.versions_to_keep": integer(20, "Versions of a dashboard that are kept."),
  "snapshots.enabled": flag(true, "Whether snapshots can be made and seen."),
  "short_links.expire_time": integer(7, "Days after which an unopened short URL is removed."),
  "dataproxy.timeout": integer(30, "Seconds for a request to a data source without its own timeout."),
  "dataproxy.response_limit": integer(0, "Maximum bytes of a query's answer, uncompressed; 0: 64 MiB."),
  "metrics.enabled": flag(true, "Whether /metrics answers."),
  "metrics.basic_auth_username": text("", "User that /metrics requires; empty: none."),
  "metrics.basic_auth_password": secret("", "Password of that user."),
  "smtp.enabled": flag(false, "Whether mails are sent, for invitations, lost passwords and reports."),
  "smtp.host": text("localhost:25", "`host:port` of the mail server; port 465 begins with TLS."),
  "smtp.user": text("", "User of the mail server; empty: no login."),
  "smtp.password": secret("", "Password of that user."),
  "smtp.cert_file": text("", "File of the client certificate for the mail server."),
  "smtp.key_file": text("", "File of the key of that certificate."),
  "smtp.skip_verify": flag(false, "Whether the certificate of the mail server is not verified."),
  "smtp.from_address": text("admin@grafana.localhost", "Address of the sender."),
  "smtp.from_name": text("Grafana", "Name of the sender."),
  "smtp.ehlo_identity": text("", "Name of this machine for the mail server; empty: its host name."),
  "smtp.starttls_policy": choice(
    "OpportunisticStartTLS",
    ["OpportunisticStartTLS", "MandatoryStartTLS", "NoStartTLS"],
    "Whether a connection without TLS begins TLS: if offered, always or never.",
  ),
  "rendering.browser": text(
    "auto",
    "Path of the browser that renders pictures and reports; auto: Chromium or Chrome in PATH; none: the server draws panels itself.",
  ),
  "rendering.sandbox": flag(
    true,
    "Whether the browser isolates its processes; this needs a user other than root, and user namespaces.",
  ),
  "rendering.memory_limit_mb": integer(2048, "Maximum memory of all processes of the browser, MiB."),
  "rendering.default_image_width": integer(1000, "Width of a picture whose URL names none, pixels."),
  "rendering.default_image_height": integer(500, "Height of a picture whose URL names none, pixels."),
  "rendering.default_image_scale": integer(1, "Pixels of a picture for each pixel of the page."),
  "reporting.enabled": flag(true, "Whether reports are sent on their schedules."),
  "reporting.creators": choice("Admin", ["Admin", "Editor"], "Lowest role that may see, change and send reports."),
  "reporting.rendering_timeout": interval("60s", "Maximum time for a picture or document of a report."),
  "reporting.image_scale_factor": integer(2, "Pixels of a report's picture for each pixel of the page."),
  "reporting.max_attachment_size_mb": integer(10, "Maximum size of all attachments of a report's mail, MiB."),
  "reporting.allowed_domains": text(
    "*",
    "Domains of the addresses to which reports may be sent, separated by commas; *: all.",
  ),
  "audit.enabled": flag(true, "Whether the audit log records changes and sign-ins."),
  "audit.max_age": duration("90d", "Age from which records of the audit log are removed; 0: none."),
  "audit.max_records": integer(100_000, "Largest number of records of the audit log; 0: no limit."),
  "audit.file": text("", "File to which records of the audit log are also appended, as JSON lines; empty: none."),
  "log.level": text("info", "debug, info, warn or error."),
  "log.console.format": text("", "json, or anything else for logfmt."),
} satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingKey = keyof typeof SETTINGS;

export type Settings = {
  readonly [K in SettingKey]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never;
};

/** Splits `auth.anonymous.enabled` into `auth.anonymous` and `enabled`. */
export function splitKey(key: string): readonly [section: string, name: string] {
  const dot = key.lastIndexOf(".");
  return [key.slice(0, Math.max(0, dot)), key.slice(dot + 1)];
}

export const variableOf = (key: string): string => `GF_${key.toUpperCase().replace(/[.-]/g, "_")}`;
