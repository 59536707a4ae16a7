import { flagKinds } from "@narthex/runtime";

/**
 * All flags of the dashboards server. Other settings are in grafana.ini, in `GF_…` variables and in `cfg:` arguments.
 */
export const flags = {
  config: flagKinds.text(
    "",
    "Path of grafana.ini. Default: GF_PATHS_CONFIG, or /etc/grafana/grafana.ini if it exists.",
  ),
  homepath: flagKinds.text("", "Accepted for compatibility: nothing is read from Grafana's installation."),
  packaging: flagKinds.text("", "Accepted for compatibility."),
  pidfile: flagKinds.text("", "Accepted for compatibility."),
  configOverrides: flagKinds.text(
    "",
    "Settings in the form of arguments, separated by spaces: `cfg:section.key=value`.",
  ),
  "web.systemd-socket": flagKinds.flag(
    false,
    "Use systemd socket activation listeners instead of port listeners (Linux only).",
  ),
  "web.listen-address": flagKinds.list(
    [],
    "Addresses to listen on. Repeatable. Default: server.http_addr and server.http_port of the settings, which is :3000.",
  ),
  "web.config.file": flagKinds.text("", "Path to configuration file that can enable TLS or authentication."),
  "log.level": flagKinds.logLevel,
  "log.format": flagKinds.logFormat,
};
