import { variableOf } from "./setting-table.ts";

/**
 * Sections whose keys cause no warning although they have no effect, because many deployments set them. Exceptions are
 * in NOTED.
 */
const SILENT_SECTIONS = new Set([
  "analytics",
  "annotations",
  "dataproxy",
  "enterprise",
  "explore",
  "expressions",
  "feature_toggles",
  "geomap",
  "help",
  "grafana_com",
  "grafana_net",
  "live",
  "log",
  "metrics",
  "navigation",
  "news",
  "panels",
  "paths",
  "plugins",
  "profile",
  "public_dashboards",
  "query",
  "query_history",
  "remote_cache",
  "rendering",
  "rbac",
  "server",
  "database",
  "storage",
  "support_bundles",
  "tracing",
  "unified_storage",
  "secretscan",
]);

/**
 * Keys in SILENT_SECTIONS that do cause a warning, because they affect what users see, their rights, or where data is
 * sent. The text describes what this server does instead.
 */
const NOTED: Readonly<Record<string, string>> = {
  "annotations.cleanupjob_batchsize": "annotations are kept until they are deleted",
  "annotations.dashboard.max_age": "annotations are kept until they are deleted",
  "annotations.dashboard.max_annotations_to_keep": "annotations are kept until they are deleted",
  "annotations.api.max_age": "annotations are kept until they are deleted",
  "annotations.api.max_annotations_to_keep": "annotations are kept until they are deleted",
  "auth.proxy.sync_ttl": "the headers are read at each request",
  "dataproxy.send_user_header": "the user's name is not sent to data sources",
  "explore.enabled": "editors can use Explore; viewers can if users.viewers_can_edit is set",
  "expressions.enabled": "expressions are evaluated",
  "metrics.graphite.address": "scrape /metrics",
  "panels.disable_sanitize_html": "HTML of text panels is sanitised",
  "rendering.server_url": "pictures are rendered with a browser of this machine, which rendering.browser names",
  "server.cdn_url": "pages and their files come from this server",
  "server.min_tls_version": "write tls_server_config.min_version into the file of --web.config.file",
  "tracing.opentelemetry.jaeger.address": "no traces are sent",
  "tracing.opentelemetry.otlp.address": "no traces are sent",
};

const RULES = "write alert rules for the server, and receivers into the Alertmanager's configuration";

/** For each unsupported section, the alternative or what this server does instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  alerting: RULES,
  unified_alerting: RULES,
  remote_alertmanager: RULES,
  date_formats: "dates are shown in the time zone that the reader chooses, or in that of the dashboard",
  quota: "there are no quotas",
};

/**
 * Keys without an effect. The value in this table corresponds to what this server always does, and therefore causes no
 * warning.
 */
const AS_BUILT: Readonly<Record<string, string>> = {
  "annotations.dashboard.max_age": "0",
  "annotations.dashboard.max_annotations_to_keep": "0",
  "annotations.api.max_age": "0",
  "annotations.api.max_annotations_to_keep": "0",
  "dataproxy.send_user_header": "false",
  "date_formats.default_timezone": "browser",
  "explore.enabled": "true",
  "expressions.enabled": "true",
  "panels.disable_sanitize_html": "false",
  "snapshots.external_enabled": "false",
  "snapshots.public_mode": "false",
  "snapshots.snapshot_remove_expired": "true",
  "users.allow_org_create": "false",
  "users.allow_sign_up": "false",
  "users.auto_assign_org": "true",
  "users.auto_assign_org_id": "1",
  "users.default_language": "en-us",
  "users.editors_can_admin": "false",
};

/** Settings of features that cannot be disabled in this server. */
const ALWAYS_ON = new Set(["explore.enabled", "expressions.enabled"]);

/** Keys of NOTED and AS_BUILT, by the environment variable that sets them. */
const KEY_OF_VARIABLE = new Map([...Object.keys(NOTED), ...Object.keys(AS_BUILT)].map((key) => [variableOf(key), key]));

/**
 * Matches environment variables that cause no warning although they are not settings of this server. Other programs in
 * the container image read these variables.
 */
const SILENT_VARIABLES = /^GF_(?:INSTALL_PLUGINS|DEFAULT_|PATHS_(?:CONFIG|HOME|LOGS|PLUGINS)$|VERSION$|UID$|GID$)/;

const prefixOf = (section: string): string => `GF_${section.toUpperCase()}_`;

/**
 * Reports whether a setting without an effect corresponds to what this server does anyway, and so needs no warning.
 * This includes settings that disable an unsupported feature.
 */
function isAsBuilt(key: string, value: string): boolean {
  const word = value.trim().toLowerCase();
  return AS_BUILT[key] === word || (word === "false" && key.endsWith(".enabled") && !ALWAYS_ON.has(key));
}

/**
 * Returns the warning for a key that is not in the setting table, such as `unified_alerting.enabled`; undefined for
 * none.
 * @param place file and line, variable or argument that sets the key
 */
export function unusedKey(key: string, value: string, place: string): string | undefined {
  const section = key.split(".")[0]!;
  const note = NOTED[key];
  if (isAsBuilt(key, value) || (note === undefined && SILENT_SECTIONS.has(section))) return undefined;
  return sentence(`${place}: ${key}`, note ?? INSTEAD[section]);
}

/** Returns the warning for an environment variable that sets no key of the setting table. */
export function unusedVariable(name: string, value: string): string | undefined {
  if (SILENT_VARIABLES.test(name)) return undefined;
  const key = KEY_OF_VARIABLE.get(name);
  if (isAsBuilt(key ?? name.toLowerCase().replace(/_enabled$/, ".enabled"), value)) return undefined;
  if (key !== undefined && NOTED[key] !== undefined) return sentence(name, NOTED[key]);
  if ([...SILENT_SECTIONS].some((section) => name.startsWith(prefixOf(section)))) return undefined;
  const section = Object.keys(INSTEAD).find((one) => name.startsWith(prefixOf(one)));
  return sentence(name, section === undefined ? undefined : INSTEAD[section]);
}

const sentence = (subject: string, note: string | undefined): string =>
  `${subject} has no effect in this build${note === undefined ? "" : `: ${note}`}`;
