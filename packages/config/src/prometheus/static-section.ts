import { Labels } from "@narthex/model";
import { type Codec, INVALID } from "../decode/codec.ts";
import { listOf } from "../decode/collections.ts";
import { labelSet } from "../decode/label-set.ts";
import { urlText, withoutPassword } from "../decode/locations.ts";
import { field, section } from "../decode/section.ts";
import type { StaticConfig } from "./targets.ts";

const GO_TYPE = 'struct { Targets []string "yaml:\\"targets\\""; Labels model.LabelSet "yaml:\\"labels\\"" }';

/**
 * Codec of one group of targets: `{targets: [host:port], labels: {name: value}}`. Also used by the discovery in files
 * and over HTTP.
 */
export const targetGroup: Codec<StaticConfig> = section<Omit<StaticConfig, "position">, StaticConfig>(
  GO_TYPE,
  {
    targets: field("targets", listOf(urlText), [], true),
    labels: field("labels", labelSet("utf8"), Labels.EMPTY),
  },
  (value, at) => ({ ...value, position: { line: at.self.line, column: at.self.column } }),
);

/** Codec of `static_configs`. */
export const staticConfigs: Codec<readonly StaticConfig[]> = listOf(targetGroup, {
  goType: "[]*targetgroup.Group",
  nullItem: "empty or null section in static_configs",
});

/**
 * Reports the first target that contains a slash, and then returns INVALID. Called only for jobs without relabeling,
 * which could correct the address.
 */
export function checkAddresses(
  groups: readonly StaticConfig[],
  report: (position: StaticConfig["position"], code: string, message: string, hint: string) => void,
): typeof INVALID | undefined {
  for (const group of groups) {
    const wrong = group.targets.find((target) => target.includes("/"));
    if (wrong === undefined) continue;
    const message = `"${withoutPassword(wrong)}" is not a valid hostname`;
    report(group.position, "bad-address", message, "write host:port; scheme and path have keys of their own");
    return INVALID;
  }
  return undefined;
}
