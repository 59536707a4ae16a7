import type { ResolvedTimeRange } from "@narthex/dashboards";
import { useTimeout } from "@mantine/hooks";
import { type ReactNode, useRef } from "react";
import { formatInstant } from "../format/instant.ts";
import { classesOf } from "../shell/style-sheet.ts";
import { TextButton } from "../shell/TextButton.tsx";
import styles from "./ZoomNote.module.css";

const css = classesOf(styles);

/** Time for which the note is shown while neither the pointer nor the focus is in it, ms. */
const SHOWN_MS = 20_000;

/** Returns both ends as times of a day, or as dates if they are in different days. */
function endsOf({ from, to }: ResolvedTimeRange, zone: string): string {
  const [start, end] = [formatInstant(from, zone), formatInstant(to, zone)];
  const [first, last] = start.slice(0, 10) === end.slice(0, 10) ? [11, 19] : [0, 16];
  return `${start.slice(first, last)} to ${end.slice(first, last)}`;
}

/**
 * A note in the corner of a plot after a zoom: the times, and what the user can do next. The note does not take the
 * focus, and ends by itself.
 */
export default function ZoomNote({
  range,
  zone,
  onUndo,
  onEnd,
  children,
}: {
  range: ResolvedTimeRange;
  /** IANA name of the time zone. */
  zone: string;
  /** Shows the time range from before the zoom. */
  onUndo: () => void;
  /** Removes the note. */
  onEnd: () => void;
  /** Links to pages about the times. */
  children?: ReactNode;
}) {
  const { start, clear } = useTimeout(onEnd, SHOWN_MS, { autoInvoke: true });
  // Whether the pointer and the focus are in the note.
  const inside = useRef({ pointer: false, focus: false });
  const change = (part: "focus" | "pointer", isInside: boolean): void => {
    const now = inside.current;
    now[part] = isInside;
    if (now.pointer || now.focus) clear();
    else start();
  };
  const words = `Zoomed to ${endsOf(range, zone)}`;
  return (
    <div
      className={css("note")}
      role="group"
      aria-label={words}
      onPointerEnter={() => change("pointer", true)}
      onPointerLeave={() => change("pointer", false)}
      onFocus={() => change("focus", true)}
      onBlur={() => change("focus", false)}
    >
      <span role="status">{words}</span>
      {children}
      <TextButton onClick={onUndo}>Undo</TextButton>
    </div>
  );
}
