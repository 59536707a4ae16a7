import { defineCollector } from "../collector.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { gauge } from "../metric.ts";

/** Numbers of libselinux for the value of SELINUX= in the configuration. */
const CONFIGURED_MODES: Readonly<Record<string, number>> = { enforcing: 1, permissive: 0, disabled: -1 };

/** Exports state and mode of SELinux from /sys/fs/selinux and /etc/selinux/config. */
export const selinux = defineCollector({
  name: "selinux",
  enabled: true,
  metrics: {
    configMode: gauge("node_selinux_config_mode", "Configured SELinux enforcement mode"),
    currentMode: gauge("node_selinux_current_mode", "Current SELinux enforcement mode"),
    enabled: gauge("node_selinux_enabled", "SELinux is enabled, 1 is true, 0 is false"),
  },
  collect({ sys, rootfs, own }, emit) {
    const mode = sys.value("fs/selinux/enforce");
    // SELinux counts as off if no policy is loaded, because the kernel then labels every process "kernel".
    const isOn = mode !== undefined && own.proc.value("self/attr/current")?.replace(/\0$/, "") !== "kernel";
    emit.enabled(isOn ? 1 : 0);
    if (!isOn) return;
    emit.configMode(configuredMode(rootfs));
    emit.currentMode(Number(mode));
  },
});

const configuredMode = (rootfs: FileTree): number =>
  CONFIGURED_MODES[/^SELINUX=(\w+)\s*$/m.exec(rootfs.value("etc/selinux/config") ?? "")?.[1] ?? ""] ?? -1;
