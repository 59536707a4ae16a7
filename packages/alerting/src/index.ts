export { type Alert, compareAlerts, isResolvedAt } from "./alert.ts";
export { AlertStore } from "./alert-store.ts";
export { type AlertingMetrics, alertingMetrics, INTEGRATION_KINDS } from "./alerting-metrics.ts";
export { alertRoutes } from "./alert-routes.ts";
export { type ApiState, apiV2 } from "./api.ts";
export { Dispatcher } from "./dispatcher.ts";
export { fingerprint } from "./fingerprint.ts";
export { type InhibitRule, Inhibitor } from "./inhibition.ts";
export { inhibitSection } from "./inhibit-section.ts";
export type { Delivery, FailureReason, GroupNotice, Integration, NotifiedAlert } from "./integration.ts";
export {
  MatcherError,
  type MatcherMode,
  parseMatcher,
  parseMatchers,
  printMatcher,
  printMatchers,
} from "./matcher-syntax.ts";
export { NotificationLog } from "./notification-log.ts";
export { NotificationPipeline } from "./pipeline.ts";
export { allRoutes, buildRoute, matchRoutes, type Route, type RouteConfig } from "./route.ts";
export { checkReferences, checkRoot, type PlacedRoute, type RouteReading, routeSection } from "./route-section.ts";
export { Silences } from "./silences.ts";
export { containsTime, type TimeInterval } from "./time-interval.ts";
export { timeIntervalSection } from "./time-interval-section.ts";
