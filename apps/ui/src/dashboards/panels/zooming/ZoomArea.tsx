import { type PointerEvent, type ReactNode, useEffect, useRef } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { panned, type Size, type View, viewAfterKey, zoomed } from "./view-box.ts";
import styles from "./ZoomArea.module.css";

const css = classesOf(styles);

interface ZoomAreaProps {
  readonly label: string;
  readonly size: Size;
  readonly view: View;
  readonly onView: (view: View) => void;
  /** Shows the whole drawing. The key 0 does the same. */
  readonly onFit: () => void;
  /** Smallest and largest scale. */
  readonly limits: readonly [number, number];
  /** Whether the wheel zooms: always, only with Ctrl or Cmd, or never. */
  readonly wheel: "always" | "with key" | "never";
  readonly hasButtons: boolean;
  readonly children: ReactNode;
}

/** A drawing that the pointer and the keyboard move and zoom. */
export function ZoomArea(props: ZoomAreaProps) {
  const { label, size, view, onView, onFit, limits, wheel, hasButtons, children } = props;
  const area = useRef<HTMLDivElement>(null);
  const held = useRef<{ x: number; y: number; id: number } | null>(null);
  useWheel(area, props);
  const move = ({ clientX, clientY, pointerId, currentTarget }: PointerEvent): void => {
    const from = held.current;
    if (from === null || from.id !== pointerId) return;
    const [right, down] = [from.x - clientX, from.y - clientY];
    if (Math.hypot(right, down) < 3) return;
    currentTarget.setPointerCapture?.(pointerId);
    held.current = { x: clientX, y: clientY, id: pointerId };
    onView(panned(view, right, down));
  };
  return (
    <div className={css("area")} style={size}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- an application handles its own keys */}
      <div
        ref={area}
        role="application"
        aria-label={`${label}. Arrow keys move, plus and minus zoom, 0 shows everything.`}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the drawing takes keys
        tabIndex={0}
        data-wheel={wheel}
        className={css("drawing")}
        onKeyDown={(event) => {
          if (event.target !== event.currentTarget) return;
          const next = viewAfterKey(view, event.key, limits);
          if (event.key === "0") onFit();
          else if (next === undefined) return;
          else onView(next);
          event.preventDefault();
        }}
        onPointerDown={({ clientX, clientY, pointerId, button }) => {
          if (button === 0) held.current = { x: clientX, y: clientY, id: pointerId };
        }}
        onPointerMove={move}
        onPointerUp={() => (held.current = null)}
        onPointerCancel={() => (held.current = null)}
      >
        {children}
      </div>
      {hasButtons && (
        <div className={css("buttons")}>
          <button type="button" aria-label="Zoom in" onClick={() => onView(zoomed(view, 1.4, limits))}>
            +
          </button>
          <button type="button" aria-label="Zoom out" onClick={() => onView(zoomed(view, 1 / 1.4, limits))}>
            −
          </button>
          <button type="button" aria-label="Show everything" onClick={onFit}>
            ⤢
          </button>
        </div>
      )}
    </div>
  );
}

/** Zooms with the wheel. React's own listener is passive, so that it cannot stop the page from scrolling. */
function useWheel(
  area: { readonly current: HTMLElement | null },
  { view, onView, limits, wheel, size }: ZoomAreaProps,
): void {
  useEffect(() => {
    const element = area.current;
    if (element === null || wheel === "never") return undefined;
    const onWheel = (event: WheelEvent): void => {
      if (wheel === "with key" && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      const at = [event.clientX - left - size.width / 2, event.clientY - top - size.height / 2] as const;
      onView(zoomed(view, Math.exp(-Math.max(-200, Math.min(200, event.deltaY)) / 400), limits, at));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [area, view, onView, limits, wheel, size]);
}
