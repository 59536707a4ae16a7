export { ActiveQueryLog } from "./active-query-log.ts";
export { openQueryLane, type QueryLaneOptions } from "./open-query-lane.ts";
export type { AnswerFacts, JsonAnswer, ListedQuery, QueryLane, QueryOrder } from "./query-lane.ts";
export { formatTime } from "./query-json.ts";
