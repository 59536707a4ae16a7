export { ActiveQueryLog } from "./active-query-log.ts";
export { openQueryLane, type QueryLaneOptions } from "./open-query-lane.ts";
export type { AnswerFacts, JsonAnswer, ListedQuery, QueryLane, QueryOrder, QueryOrigin } from "./query-lane.ts";
export { formatTime } from "./query-json.ts";
export { type LoggedQuery, QueryLog } from "./query-log.ts";
