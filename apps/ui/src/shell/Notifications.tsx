import type { NotificationData } from "@mantine/notifications";
import { useSyncExternalStore } from "react";
import { whenLoaded } from "./when-loaded.tsx";

const library = () => import("./notification-library.ts");
const Container = whenLoaded(async () => ({ default: (await library()).Notifications }), null);

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

/** Hides a notification before its time. */
export function hideNotification(id: string): void {
  void library().then(({ notifications }) => notifications.hide(id));
}

/**
 * Container for notifications. Its code is loaded with the first notification, because most users see none. The container
 * is at the bottom, because the buttons of pages and dialogs are at the top: a notification stays while the pointer is
 * over it, so a button below it could not be clicked.
 */
export function Notifications() {
  const isShown = useSyncExternalStore(subscribe, () => isNeeded);
  return isShown && <Container position="bottom-right" />;
}
