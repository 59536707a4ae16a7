import type { Panel } from "../model/dashboard.ts";

/** Query type of a snapshot's query, which contains its result. */
export const FROZEN_QUERY = "snapshot";

/** Reports whether a panel contains its data, as in a snapshot. */
export const isFrozen = ({ targets, source }: Panel): boolean =>
  targets.some((target) => target.source["queryType"] === FROZEN_QUERY) || Object.hasOwn(source, "snapshotData");
