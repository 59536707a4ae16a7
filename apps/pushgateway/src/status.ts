import { formatRfc3339Nano, type GatewayStatus } from "@narthex/pushing";
import { buildInformation } from "@narthex/runtime";
import type { Context } from "./context.ts";
import { EXTENSIONS, flags as table } from "./flags.ts";

/** Returns the data of the status page: build, current flags, start time. */
export function gatewayStatus({ build, flags: values, startedAt }: Context): GatewayStatus {
  const isShown = (name: keyof typeof table): boolean => !(name in EXTENSIONS) || values[name] !== table[name].default;
  const shown = (Object.keys(table).toSorted() as (keyof typeof table)[]).filter(isShown);
  return {
    build_information: buildInformation(build),
    flags: Object.fromEntries(shown.map((name) => [name, table[name].print(values[name] as never)])),
    start_time: formatRfc3339Nano(startedAt),
  };
}
