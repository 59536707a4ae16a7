export { type Alert, compareAlerts, isResolvedAt } from "./alert.ts";
export { AlertHistory } from "./alert-history.ts";
export { type AlertChange, AlertJournal } from "./alert-journal.ts";
export { AlertStore } from "./alert-store.ts";
export { type AlertingMetrics, alertingMetrics, INTEGRATION_KINDS } from "./alerting-metrics.ts";
export { jsonText, sendPlainJson } from "./api-exchange.ts";
export { HandlerError } from "./api-fault.ts";
export { apiV2 } from "./api.ts";
export type { ApiOptions, ApiState, ClusterStatus } from "./api-options.ts";
export { type ClusterMetrics, clusterMetrics } from "./cluster/cluster-metrics.ts";
export { loadClusterTls } from "./cluster/cluster-tls.ts";
export { broadcastChanges, sharedLog, sharedSilences } from "./cluster/shared-entries.ts";
export { TurnByPosition, type TurnOptions } from "./cluster/turn-by-position.ts";
export { ALONE, type Coordination } from "./coordination.ts";
export { Dispatcher } from "./dispatcher.ts";
export { fingerprint } from "./fingerprint.ts";
export { type InhibitRule, Inhibitor } from "./inhibition.ts";
export { inhibitSection } from "./inhibit-section.ts";
export type { Delivery, FailureReason, GroupNotice, Integration, NotifiedAlert } from "./integration.ts";
export {
  type MatcherMode,
  parseMatcher,
  parseMatchers,
  parseSingle,
  printMatcher,
  printMatchers,
} from "./matcher-syntax.ts";
export { JsonError, parseGoJson } from "./go-json.ts";
export { type KeptStateMetrics, keptStateMetrics } from "./kept-state-metrics.ts";
export { leasedTurns } from "./leased-turns.ts";
export { MatcherError } from "./matcher-text.ts";
export { NotificationHistory } from "./notification-history.ts";
export { type KeptLogEntry, type LogEntry, NotificationLog } from "./notification-log.ts";
export { type NotificationObserver, type NotificationTrace, UNOBSERVED } from "./notification-observer.ts";
export { NotificationPipeline } from "./pipeline.ts";
export { decodeAlerts } from "./posted-alert-body.ts";
export type { PostedAlert } from "./posted-alerts.ts";
export { RecurringSilences } from "./recurring-silences.ts";
export { allRoutes, buildRoute, groupKey, groupLabels, matchRoutes, type Route, type RouteConfig } from "./route.ts";
export { checkReferences, checkRoot, type PlacedRoute, type RouteReading, routeSection } from "./route-section.ts";
export type { Silence } from "./silence.ts";
export { Silences } from "./silences.ts";
export { importSnapshots } from "./snapshot-import.ts";
export { containsTime, type TimeInterval } from "./time-interval.ts";
export { toldEnds } from "./told-ends.ts";
export { muteTimeIntervalSection, timeIntervalSection } from "./time-interval-section.ts";
