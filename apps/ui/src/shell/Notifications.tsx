import type { NotificationData } from "@mantine/notifications";
import { type CSSProperties, Suspense, lazy, useSyncExternalStore } from "react";
import { HEADER_HEIGHT } from "./header-height.ts";
import { classesOf } from "./style-sheet.ts";
import styles from "./Notifications.module.css";

const library = () => import("./notification-library.ts");
const Container = lazy(async () => ({ default: (await library()).Notifications }));

const css = classesOf(styles);

/**
 * Notifications must not cover the buttons of the header: a notification stays while the pointer is over it, so a click
 * would have to wait until the user moves the pointer away.
 */
const BELOW_HEADER = { "--header-height": `${HEADER_HEIGHT}px` } as CSSProperties;

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
  return (
    <Suspense>{isShown && <Container position="top-right" className={css("root")} style={BELOW_HEADER} />}</Suspense>
  );
}
