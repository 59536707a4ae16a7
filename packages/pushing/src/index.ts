export type { FamilyText } from "./family-index.ts";
export { type GroupLabels, groupKey, type GroupPath, parseGroupPath } from "./group-key.ts";
export { type GroupChange, type GroupKeeper, type KeptGroup, storeKeeper } from "./group-keeper.ts";
export { type Group, type Push, PushGroups, type PushGroupsOptions, type PushOutcome } from "./groups.ts";
export { LEGACY_NAMES, type NameRules, UTF8_NAMES } from "./name-rules.ts";
export { formatRfc3339Nano } from "./rfc3339.ts";
export { type GatewayStatus, groupApi, type GroupApiOptions, pushRoutes, type PushRoutesOptions } from "./routes.ts";
