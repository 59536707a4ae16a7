import { useState, useSyncExternalStore } from "react";
import { everySecond, nowMs } from "../time/browser-clock.ts";
import { classesOf } from "./style-sheet.ts";
import { TextButton } from "./TextButton.tsx";
import styles from "./WaitingSince.module.css";

const css = classesOf(styles);

/**
 * Says for how many seconds an answer has been awaited, with a button that cancels the request. Shows nothing in the
 * first second. The text is updated every second without rendering the rest of the page.
 */
export function WaitingSince({
  name,
  since,
  onCancel,
}: {
  /** Name of the server or data source that has not answered. */
  name: string;
  /** Time of the request, epoch ms. By default the time at which the component appears. */
  since?: number;
  /** Cancels the request. Without it, there is no button. */
  onCancel?: (() => void) | undefined;
}) {
  const [appeared] = useState(nowMs);
  const start = since ?? appeared;
  const seconds = useSyncExternalStore(everySecond, () => Math.floor((nowMs() - start) / 1000));
  if (seconds < 1) return null;
  return (
    <span className={css("waiting")} role="timer">
      Waiting for {name}, {seconds} s {onCancel !== undefined && <TextButton onClick={onCancel}>Cancel</TextButton>}
    </span>
  );
}
