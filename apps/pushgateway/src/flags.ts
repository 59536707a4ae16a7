import { formatGoDuration, parseDuration } from "@narthex/model";
import { flagKinds } from "@narthex/runtime";

/**
 * Flags that Prometheus' Pushgateway does not have. These flags are off by default. The status page shows them only if
 * they differ from their defaults.
 */
export const EXTENSIONS = {
  "push.ttl": flagKinds.text(
    "",
    "How long a group stays after its last push, 0s for ever; a push may say otherwise with ?ttl=2h. Empty: groups stay, and ?ttl= is not looked at.",
  ),
  "push.max-body-bytes": flagKinds.integer(
    0,
    "Largest body of a push in bytes, unpacked. 0 is 64 MiB, the most that is read.",
  ),
  "push.max-series-per-group": flagKinds.integer(0, "Most metrics that a group may hold. 0 for no limit."),
  "push.max-groups": flagKinds.integer(0, "Most groups that there may be. 0 for no limit."),
  "web.sign-in-url": flagKinds.text(
    "",
    "Address of narthex dashboards, whose people and tokens may pass, each with the scopes of its role: http://dashboards:3000. All other requests are refused, except those of users in --web.config.file.",
  ),
  "push.users-file": flagKinds.text(
    "",
    "File that says which users may push to, and delete, which jobs. Empty: everybody who may reach the gateway.",
  ),
};

export const flags = {
  "web.systemd-socket": flagKinds.flag(
    false,
    "Use systemd socket activation listeners instead of port listeners (Linux only).",
  ),
  "web.listen-address": flagKinds.list(
    [":9091"],
    "Addresses on which to expose metrics and web interface. Repeatable for multiple addresses. Examples: `:9091` or `[::1]:9091` for http",
  ),
  "web.config.file": flagKinds.text("", "Path to configuration file that can enable TLS or authentication."),
  "web.telemetry-path": flagKinds.text("/metrics", "Path under which to expose metrics."),
  "web.external-url": flagKinds.text("", "The URL under which the Pushgateway is externally reachable."),
  "web.route-prefix": flagKinds.text(
    "",
    "Prefix for the internal routes of web endpoints. Defaults to the path of --web.external-url.",
  ),
  "web.enable-lifecycle": flagKinds.flag(false, "Enable shutdown via HTTP request."),
  "web.enable-admin-api": flagKinds.flag(false, "Enable API endpoints for admin control actions."),
  "persistence.file": flagKinds.text(
    "",
    "File to persist metrics, written with every push. If empty, metrics are only kept in memory.",
  ),
  "persistence.interval": flagKinds.parsed(
    300_000,
    parseDuration,
    formatGoDuration,
    "Accepted for compatibility: every push is on disk before it is answered.",
  ),
  "push.disable-consistency-check": flagKinds.flag(false, "Do not check consistency of pushed metrics. DANGEROUS."),
  "push.enable-utf8-names": flagKinds.flag(false, "Allow UTF-8 characters in metric and label names."),
  ...EXTENSIONS,
  "log.level": flagKinds.logLevel,
  "log.format": flagKinds.logFormat,
};
