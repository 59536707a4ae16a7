import { machine } from "node:os";
import { defineCollector } from "../collector.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { gauge } from "../metric.ts";

/** Value of uname(2) if no domain name is set. */
export const NO_DOMAIN = "(none)";

export const UNAME_METRICS = {
  info: gauge("node_uname_info", "Labeled system information as provided by the uname system call.", [
    "sysname",
    "release",
    "version",
    "machine",
    "nodename",
    "domainname",
  ]),
};

/** Exports the names and versions of uname(2), read from /proc/sys/kernel. */
export const uname = defineCollector({
  name: "uname",
  enabled: true,
  metrics: UNAME_METRICS,
  collect({ own }, emit) {
    const kernel = (name: string): string => own.proc.read(`sys/kernel/${name}`).trimEnd();
    emit.info(
      1,
      kernel("ostype"),
      kernel("osrelease"),
      kernel("version"),
      machine(),
      kernel("hostname"),
      domain(own.proc),
    );
  },
});

const domain = (proc: FileTree): string => proc.value("sys/kernel/domainname") ?? NO_DOMAIN;
