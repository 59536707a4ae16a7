import type { DiscoveryKind } from "@narthex/config";
import { monitorDiscovery } from "./kubernetes/monitors/section.ts";

/**
 * Kinds of discovery that find whole scrape jobs, which are added to the jobs in the configuration. Each kind has its
 * own manager.
 */
export const jobDiscoveryKinds: readonly DiscoveryKind[] = [monitorDiscovery];
