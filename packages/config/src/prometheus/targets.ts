import type { Labels } from "@narthex/model";
import type { Position } from "../problem.ts";

/** One entry of `static_configs`. Each of its targets gets the labels of the entry. */
export interface StaticConfig {
  /** Value of `__address__` for each target. */
  readonly targets: readonly string[];
  readonly labels: Labels;
  readonly position: Position;
}

/** One entry of a `<kind>_sd_configs` list, decoded by the codec of its discovery mechanism. */
export interface DiscoveryConfig {
  /** Key in the configuration, such as `file_sd_configs`. */
  readonly kind: string;
  /** Result of the discovery mechanism's codec. */
  readonly config: unknown;
  readonly position: Position;
}
