import { createContext, useMemo } from "react";
import { alertGroupsKey, alertmanagerAt, notifiesNobody, withAcknowledgements } from "../api/alertmanager.ts";
import type { NotificationRecord } from "../api/alertmanager.ts";
import type { ManagerPlace } from "../alertmanager/manager-place.tsx";
import { ApiError } from "../api/request.ts";
import { apiOf, pagesOf } from "../shell/stack-pages.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { type FindManaged, managedFinder, notificationFinder } from "./managed-alerts.ts";

/** Number of the latest notifications in which those of the alerts are searched. */
const MAX_NOTIFICATIONS = 1000;

/** The state of the alerts of the server in an Alertmanager. */
export interface ManagedAlerts {
  readonly find: FindManaged;
  /** Returns the latest notification through each integration. Undefined if the Alertmanager has no history. */
  readonly notificationsOf: ((fingerprint: string) => readonly NotificationRecord[]) | undefined;
  /**
   * Whether an alert without notifications among them had none. Otherwise they may be older than the requested ones, or
   * the alert may be left out of the list of a large notification.
   */
  readonly hasAllNotifications: boolean;
  /** Names of receivers without integrations. */
  readonly silent: ReadonlySet<string>;
}

/** Provides the state of the alerts in the Alertmanager; null without an Alertmanager, or until it has answered. */
export const ManagedAlertsContext = createContext<ManagedAlerts | null>(null);

/** The Alertmanager of the stack to which this server belongs; undefined without one. */
export function stackManager(pages = pagesOf("alertmanager"), path = apiOf("alertmanager")): ManagerPlace | undefined {
  return pages === undefined || path === undefined ? undefined : { api: alertmanagerAt(path), pages };
}

/** Requests the alerts, the notifications and the receivers of the Alertmanager, together with the rules of the page. */
export function useManagedAlerts(place: ManagerPlace | undefined) {
  const enabled = place !== undefined;
  const alerts = useRefreshedQuery({
    queryKey: [...alertGroupsKey, "of the stack"],
    queryFn: ({ signal }) => place!.api.alerts(withAcknowledgements, signal),
    enabled,
  });
  const notifications = useRefreshedQuery({
    queryKey: ["notifications of the stack"],
    queryFn: ({ signal }) => orUnavailable(place!.api.notifications({ limit: MAX_NOTIFICATIONS }, signal)),
    enabled,
  });
  const receivers = useRefreshedQuery({
    queryKey: ["receivers of the stack"],
    queryFn: ({ signal }) => orUnavailable(place!.api.receivers(signal)),
    enabled,
  });
  const managed = useMemo((): ManagedAlerts | null => {
    if (alerts.data === undefined) return null;
    const silent = (receivers.data ?? []).flatMap(({ name, integrations }) => (integrations?.length === 0 ? name : []));
    return {
      find: managedFinder(alerts.data),
      notificationsOf: notifications.data == null ? undefined : notificationFinder(notifications.data),
      hasAllNotifications:
        notifications.data != null &&
        notifications.data.length < MAX_NOTIFICATIONS &&
        notifications.data.every(
          ({ alertCount, alerts: { firing, resolved } }) => alertCount <= firing.length + resolved.length,
        ),
      silent: new Set(silent),
    };
  }, [alerts.data, notifications.data, receivers.data]);
  return {
    managed,
    notifiesNobody: receivers.data != null && notifiesNobody(receivers.data),
    error: alerts.error ?? notifications.error ?? receivers.error,
    retry: () => void Promise.all([alerts.refetch(), notifications.refetch(), receivers.refetch()]),
  };
}

/**
 * Resolves with null if the Alertmanager does not have the data, as the original one has no notifications, or if the
 * user may not see the data.
 */
async function orUnavailable<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return null;
    throw error;
  }
}
