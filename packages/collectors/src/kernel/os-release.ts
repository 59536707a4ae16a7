import type { FileTree } from "../host-files/host-files.ts";
import { defineCollector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { linesOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

const INFO_LABELS = [
  "build_id",
  "id",
  "id_like",
  "image_id",
  "image_version",
  "name",
  "pretty_name",
  "variant",
  "variant_id",
  "version",
  "version_codename",
  "version_id",
];

/** Exports the distribution from /etc/os-release, otherwise from /usr/lib/os-release. */
export const osRelease = defineCollector({
  name: "os",
  enabled: true,
  metrics: {
    info: gauge(
      "node_os_info",
      "A metric with a constant '1' value labeled by build_id, id, id_like, image_id, image_version, name, " +
        "pretty_name, variant, variant_id, version, version_codename, version_id.",
      INFO_LABELS,
    ),
    version: gauge("node_os_version", "Metric containing the major.minor part of the OS version.", [
      "id",
      "id_like",
      "name",
    ]),
    supportEnd: gauge(
      "node_os_support_end_timestamp_seconds",
      "Metric containing the end-of-life date timestamp of the OS.",
    ),
  },
  collect({ rootfs }, emit) {
    const variables = readVariables(rootfs);
    if (variables === undefined) throw new NoDataError("no os-release file");
    const get = (label: string): string => variables.get(label.toUpperCase()) ?? "";
    emit.info(1, ...INFO_LABELS.map(get));
    const version = Number(/^\d+\.?\d*/.exec(get("version_id"))?.[0] ?? 0);
    if (version > 0) emit.version(version, get("id"), get("id_like"), get("name"));
    if (get("support_end") !== "") emit.supportEnd(dayOf(get("support_end")) / 1000);
  },
});

/**
 * Returns the variables that describe the operating system. Reads the first existing file of: /etc/os-release,
 * /usr/lib/os-release, the property list of macOS. Undefined if none of the files exists.
 */
function readVariables(rootfs: FileTree): ReadonlyMap<string, string> | undefined {
  const text = rootfs.value("etc/os-release") ?? rootfs.value("usr/lib/os-release");
  if (text !== undefined) return parseVariables(text);
  const list = rootfs.value("System/Library/CoreServices/SystemVersion.plist");
  return list === undefined ? undefined : parsePropertyList(list);
}

/** Converts macOS' property list to the names of os-release. */
function parsePropertyList(text: string): ReadonlyMap<string, string> {
  const get = (key: string): string => text.split(`<key>${key}</key>`)[1]?.match(/^\s*<string>([^<]*)/)?.[1] ?? "";
  const version = get("ProductVersion");
  return new Map([
    ["NAME", get("ProductName")],
    ["VERSION", version],
    ["VERSION_ID", version],
    ["BUILD_ID", get("ProductBuildVersion")],
  ]);
}

function dayOf(date: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : NaN;
  if (Number.isNaN(ms)) throw new Error(`os-release: expected a date in SUPPORT_END, got "${date}"`);
  return ms;
}

/**
 * Parses shell assignments such as `NAME="Debian GNU/Linux"`. Text in single quotes is literal; comments and blank
 * lines are skipped.
 */
function parseVariables(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const line of linesOf(text)) {
    const match = /^\s*(?:export\s+)?(\w+)=(.*)$/.exec(line);
    if (match !== null) variables.set(match[1]!, unquote(match[2]!.trim()));
  }
  return variables;
}

function unquote(value: string): string {
  if (value.startsWith("'")) return value.slice(1, value.indexOf("'", 1) === -1 ? undefined : value.indexOf("'", 1));
  const inner = /^"((?:[^"\\]|\\.)*)"/.exec(value)?.[1];
  return (inner ?? value.replace(/\s#.*$/, "")).replace(/\\(.)/g, "$1");
}
