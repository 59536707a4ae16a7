// Folders of this package: metrics (the metrics with one name, and their text), body (parsing of pushes), groups
// (stored groups, checks of pushes), snapshot (Pushgateway's persistence file), api (routes and their output).
export { exposeFamilies } from "./api/exposition.ts";
export { formatRfc3339Nano } from "./api/group-json.ts";
export { type GatewayStatus, groupApi, pushRoutes } from "./api/routes.ts";
export { MAX_METRICS } from "./body/metric-count.ts";
export { LEGACY_NAMES, UTF8_NAMES } from "./body/name-rules.ts";
export { replaceGroups, storePersistence } from "./groups/group-persistence.ts";
export { PushGroups } from "./groups/groups.ts";
export { type OwnFamilies, type OwnFamily, typeNumber } from "./metrics/own-families.ts";
export { readSnapshot, SnapshotError, writeSnapshot } from "./snapshot/group-snapshot.ts";
