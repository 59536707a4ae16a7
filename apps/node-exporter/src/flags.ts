import { flagKinds, type FlagTable } from "@narthex/runtime";
import { collectorFlags } from "./collector-flags.ts";

const general = {
  "path.procfs": flagKinds.text("/proc", "procfs mountpoint."),
  "path.sysfs": flagKinds.text("/sys", "sysfs mountpoint."),
  "path.rootfs": flagKinds.text("/", "rootfs mountpoint."),
  "path.udev.data": flagKinds.text("/run/udev/data", "udev data path."),
  "web.telemetry-path": flagKinds.text("/metrics", "Path under which to expose metrics."),
  "web.disable-exporter-metrics": flagKinds.flag(
    false,
    "Exclude metrics about the exporter itself (promhttp_*, process_*, go_*).",
  ),
  "web.max-requests": flagKinds.integer(40, "Maximum number of parallel scrape requests. Use 0 to disable."),
  "collector.disable-defaults": flagKinds.flag(false, "Set all collectors to disabled by default."),
  "runtime.gomaxprocs": flagKinds.integer(1, "The target number of CPUs Go will run on (GOMAXPROCS)", {
    notBuilt: "there is no Go runtime to limit",
  }),
  "web.systemd-socket": flagKinds.flag(
    false,
    "Use systemd socket activation listeners instead of port listeners (Linux only).",
  ),
  "web.listen-address": flagKinds.list(
    [":9100"],
    "Addresses on which to expose metrics and web interface. Repeatable for multiple addresses. Examples: `:9100` or `[::1]:9100` for http",
  ),
  "web.config.file": flagKinds.text("", "Path to configuration file that can enable TLS or authentication."),
  "log.level": flagKinds.logLevel,
  "log.format": flagKinds.logFormat,
};

/** Every flag of the node exporter; --help shows them. */
export const flags: FlagTable & typeof general = { ...collectorFlags, ...general };
