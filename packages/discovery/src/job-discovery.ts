import type { DiscoveryKind } from "@narthex/config";
import { monitorDiscovery } from "./kinds/kubernetes/monitors/section.ts";

/** Kinds of discovery that find whole scrape jobs instead of targets. The jobs are added to `scrape_configs`. */
export const jobDiscoveryKinds: readonly DiscoveryKind[] = [monitorDiscovery];
