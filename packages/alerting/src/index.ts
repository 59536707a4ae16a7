export { Acknowledgements } from "./acknowledgements/acknowledgements.ts";
export { type Alert, isResolvedAt } from "./alerts/alert.ts";
export { AlertHistory } from "./history/alert-history.ts";
export { pastFirings } from "./history/past-firings.ts";
export { AlertJournal } from "./alerts/alert-journal.ts";
export { AlertStore } from "./alerts/alert-store.ts";
export { type AlertingMetrics, alertingMetrics, type Suppression } from "./dispatch/alerting-metrics.ts";
export { jsonText, sendPlainJson } from "./api/api-exchange.ts";
export { HandlerError } from "./api/api-fault.ts";
export { apiV2 } from "./api/api.ts";
export type { ApiState, ClusterStatus } from "./api/api-context.ts";
export { clusterMetrics } from "./cluster/cluster-metrics.ts";
export { ClusterTls, readClusterTls } from "./cluster/cluster-tls.ts";
export { broadcastChanges, sharedAcknowledgements, sharedLog, sharedSilences } from "./cluster/shared-entries.ts";
export { ClusterCoordination } from "./cluster/cluster-coordination.ts";
export { SINGLE_INSTANCE, type Coordination } from "./dispatch/coordination.ts";
export { Dispatcher } from "./dispatch/dispatcher.ts";
export { fingerprint } from "./alerts/fingerprint.ts";
export { type InhibitRule, Inhibitor } from "./routing/inhibition.ts";
export { inhibitSection } from "./routing/inhibit-section.ts";
export {
  type MatcherMode,
  parseMatchers,
  parseSingle,
  printMatcher,
  printMatchers,
} from "./matchers/matcher-syntax.ts";
export { JsonError, parseGoJson } from "./api/go-json.ts";
export { storedStateMetrics } from "./stored-state-metrics.ts";
export { leaseCoordination } from "./dispatch/lease-coordination.ts";
export { MatcherError } from "./matchers/matcher-text.ts";
export { NotificationHistory } from "./history/notification-history.ts";
export { NotificationLog } from "./dispatch/notification-log.ts";
export { type NotificationObserver, type SuppressedAlert } from "./dispatch/notification-observer.ts";
export type { Flush, FlushAlert } from "./dispatch/flush.ts";
export { NotificationPipeline, type PipelineOptions } from "./dispatch/pipeline.ts";
export { decodeAlerts } from "./api/posted-alert-body.ts";
export { RecurringSilences } from "./silences/recurring-silences.ts";
export {
  allRoutes,
  buildRoute,
  groupKey,
  groupLabels,
  matchRoutes,
  type Route,
  type RouteConfig,
} from "./routing/route.ts";
export {
  checkReferences,
  checkRoot,
  type RouteWithPlaces,
  type RouteDecodeOptions,
  routeSection,
} from "./routing/route-section.ts";
export type { Silence } from "./silences/silence.ts";
export { readSilences, SilenceListError } from "./api/silence-list.ts";
export { Silences } from "./silences/silences.ts";
export { exportSnapshots, importSnapshots } from "./snapshots/snapshot-import.ts";
export { containsTime, type TimeInterval } from "./routing/time-interval.ts";
export { notifiedEnds } from "./dispatch/notification-log.ts";
export { muteTimeIntervalSection, timeIntervalSection } from "./routing/time-interval-section.ts";
