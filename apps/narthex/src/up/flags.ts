import { flagKinds } from "@narthex/runtime";

export const flags = {
  "data-dir": flagKinds.text("data", "Folder for the data of the roles."),
  listen: flagKinds.text(
    "127.0.0.1",
    "Address on which all roles listen, in addition to 127.0.0.1 (::1 on a machine without IPv4). 0.0.0.0 opens the stack to the network.",
  ),
  "port-offset": flagKinds.integer(
    0,
    "Added to every listening port (3000, 9090, 9091, 9093, 9094, 9100), and to the ports in the starter configuration.",
  ),
  "config-dir": flagKinds.text(
    "",
    "Folder with prometheus.yml, alertmanager.yml and dashboards/provisioning. Default: the starter configuration.",
  ),
  "log.level": flagKinds.choice(
    "warn",
    ["debug", "info", "warn", "error"],
    "Log lines of the roles with this severity or above are shown.",
  ),
  "log.format": flagKinds.logFormat,
};
