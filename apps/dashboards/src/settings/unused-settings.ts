/**
 * Sections whose keys may be set without a warning, since deployments carry them along: what they configure is not in this
 * build, or needs no setting. Values of the setting table are not concerned.
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

const RULES = "write alert rules for the server, and receivers into the Alertmanager's configuration";

/** What to use instead of a section that changes nothing here. */
const INSTEAD: Readonly<Record<string, string>> = {
  alerting: RULES,
  unified_alerting: RULES,
  remote_alertmanager: RULES,
};

/** Keys with the value that describes what this build does anyway. */
const AS_BUILT: Readonly<Record<string, string>> = {
  "alerting.enabled": "false",
  "unified_alerting.enabled": "false",
};

/** Prefixes of variables that belong to no section: other programs of the image read them. */
const SILENT_VARIABLES = /^GF_(?:INSTALL_PLUGINS|DEFAULT_|PATHS_(?:CONFIG|HOME|LOGS|PLUGINS)$|VERSION$|UID$|GID$)/;

const prefixOf = (section: string): string => `GF_${section.toUpperCase()}_`;

/**
 * The warning for a key that is not in the setting table; undefined if it may be set without one.
 *
 * @param key for example `unified_alerting.enabled`
 * @param place where the key was set
 */
export function unusedKey(key: string, value: string, place: string): string | undefined {
  const section = key.split(".")[0]!;
  if (SILENT_SECTIONS.has(section) || AS_BUILT[key] === value.trim().toLowerCase()) return undefined;
  return sentence(`${place}: ${key}`, INSTEAD[section]);
}

/** The same for a variable of the environment that sets no key of the table. */
export function unusedVariable(name: string, value: string): string | undefined {
  if (SILENT_VARIABLES.test(name)) return undefined;
  for (const [key, built] of Object.entries(AS_BUILT)) {
    if (name === `GF_${key.toUpperCase().replace(/[.-]/g, "_")}` && value.trim().toLowerCase() === built)
      return undefined;
  }
  if ([...SILENT_SECTIONS].some((section) => name.startsWith(prefixOf(section)))) return undefined;
  const section = Object.keys(INSTEAD).find((one) => name.startsWith(prefixOf(one)));
  return sentence(name, section === undefined ? undefined : INSTEAD[section]);
}

const sentence = (subject: string, instead: string | undefined): string =>
  `${subject} has no effect in this build${instead === undefined ? "" : `: ${instead}`}`;
