import type { Labels } from "@narthex/model";
import type { Position } from "../problem.ts";

/** One entry of `static_configs`; every target gets the group's labels. */
export interface StaticConfig {
  /** Values of `__address__`. */
  readonly targets: readonly string[];
  readonly labels: Labels;
  readonly position: Position;
}

/** One entry of a `<kind>_sd_configs` list, decoded by the discovery kind of the key. */
export interface DiscoveryConfig {
  /** The key in the file, such as `file_sd_configs`. */
  readonly kind: string;
  /** The value that the kind's own codec decoded. */
  readonly config: unknown;
  readonly position: Position;
}
