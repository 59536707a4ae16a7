import type { NotificationData } from "@mantine/notifications";
import { Suspense, lazy, useSyncExternalStore } from "react";

const library = () => import("./notification-library.ts");
const Container = lazy(async () => ({ default: (await library()).Notifications }));

let isNeeded = false;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Shows a notification in a corner of the page. */
export function showNotification(notification: NotificationData): void {
  isNeeded = true;
  for (const listener of listeners) listener();
  void library().then(({ notifications }) => notifications.show(notification));
}

/** Container for notifications. Its code is loaded with the first notification, because most users see none. */
export function Notifications() {
  const isShown = useSyncExternalStore(subscribe, () => isNeeded);
  return <Suspense>{isShown && <Container position="top-right" />}</Suspense>;
}
