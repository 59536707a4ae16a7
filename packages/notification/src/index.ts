export {
  type Delivery,
  DeliveryError,
  type FailedDelivery,
  FAILURE_REASONS,
  type FailureReason,
  PermanentError,
  rejected,
  retry,
} from "./delivery.ts";
export type { ContextPicture, NotificationContext, PastFirings } from "./notification-context.ts";
export {
  type AlertAcknowledgement,
  hashGroupKey,
  type Integration,
  type Notification,
  type NotificationAlert,
  notificationStatus,
  sortedPairs,
} from "./notification.ts";
export { Backoff, deliveryFromAnswer, failureOf } from "./retry-policy.ts";
export { acknowledgementValue, commonPairs, notificationValue, templateValue } from "./template-data.ts";
