import type { DiscoveryKind } from "@narthex/config";
import { monitorDiscovery } from "./kubernetes/monitors/section.ts";

/**
 * Kinds of discovery that find whole jobs, in addition to the jobs in the configuration. A separate manager runs each
 * kind.
 */
export const jobDiscoveryKinds: readonly DiscoveryKind[] = [monitorDiscovery];
