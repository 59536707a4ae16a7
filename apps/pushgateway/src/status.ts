import { formatRfc3339Nano, type GatewayStatus } from "@narthex/pushing";
import type { BuildInfo } from "@narthex/runtime";
import { EXTENSIONS, flags as table } from "./flags.ts";

/** What the status page shows: build, flags as they stand, start. */
export function gatewayStatus(
  build: BuildInfo,
  values: Readonly<Record<keyof typeof table, unknown>>,
  startMs: number,
): GatewayStatus {
  const isShown = (name: keyof typeof table): boolean => !(name in EXTENSIONS) || values[name] !== table[name].default;
  const shown = (Object.keys(table).toSorted() as (keyof typeof table)[]).filter(isShown);
  return {
    build_information: {
      branch: build.branch,
      buildDate: build.buildDate,
      buildUser: build.buildUser,
      goVersion: build.goVersion,
      revision: build.revision,
      version: build.version,
    },
    flags: Object.fromEntries(shown.map((name) => [name, table[name].print(values[name] as never)])),
    start_time: formatRfc3339Nano(startMs),
  };
}
