import type { DiscoveryKind } from "@narthex/config";
import { monitorDiscovery } from "./kubernetes/monitors/section.ts";

/** Ways of finding jobs, beside those that a file names; each is run by a manager of its own. */
export const jobDiscoveryKinds: readonly DiscoveryKind[] = [monitorDiscovery];
