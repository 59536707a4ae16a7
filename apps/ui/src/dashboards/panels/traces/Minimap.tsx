import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { durationText } from "./duration-text.ts";
import type { Trace } from "./read-trace.ts";
import { limitedRange, percentOf, timeTicks, type ViewRange } from "./time-ticks.ts";
import styles from "./Minimap.module.css";

const css = classesOf(styles);

/** Height of the drawing, CSS pixels. */
const HEIGHT = 36;
/** Movement of the pointer below which a drag counts as a click, percent of the width. */
const CLICK_PERCENT = 0.5;
const KEY_STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -0.01,
  ArrowRight: 0.01,
  PageDown: -0.1,
  PageUp: 0.1,
  Home: -1,
  End: 1,
};

interface MinimapProps {
  readonly trace: Trace;
  readonly width: number;
  readonly range: ViewRange;
  readonly onRange: (range: ViewRange) => void;
  readonly colorOf: (service: string) => string;
}

/** A small drawing of all spans. A drag selects the time range that the tree shows. */
export function Minimap({ trace, width, range, onRange, colorOf }: MinimapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const duration = trace.end - trace.start;
  useEffect(() => draw(canvas.current, trace, width, colorOf), [trace, width, colorOf]);
  const timeAt = ({ currentTarget, clientX }: PointerEvent): number => {
    const { left, width: shown } = currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - left) / Math.max(1, shown))) * duration;
  };
  const finish = (): void => {
    if (drag !== null && percentOf(Math.abs(drag[1] - drag[0]), { from: 0, to: duration }) > CLICK_PERCENT)
      onRange(limitedRange(drag[0], drag[1], duration));
    setDrag(null);
  };
  const shown = drag === null ? range : limitedRange(drag[0], drag[1], duration);
  const whole = { from: 0, to: duration };
  const isWhole = range.from <= 0 && range.to >= duration;
  return (
    <div className={css("minimap")}>
      <div className={css("ticks")} aria-hidden>
        {timeTicks(whole, width < 500 ? 2 : 4).map((time, at, { length }) => (
          <span key={at} style={{ left: `${(at / (length - 1)) * 100}%` }} data-last={at === length - 1}>
            {durationText(time)}
          </span>
        ))}
      </div>
      <div
        className={css("map")}
        role="group"
        aria-label="Shown time range of the trace"
        onPointerDown={(event) => {
          if (event.target instanceof HTMLElement && event.target.role === "slider") return;
          event.currentTarget.setPointerCapture?.(event.pointerId);
          setDrag([timeAt(event), timeAt(event)]);
        }}
        onPointerMove={(event) => drag !== null && setDrag([drag[0], timeAt(event)])}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(null)}
      >
        <canvas ref={canvas} className={css("canvas")} style={{ height: HEIGHT }} aria-hidden />
        <div className={css("shade")} style={{ left: 0, width: `${percentOf(shown.from, whole)}%` }} />
        <div className={css("shade")} style={{ right: 0, width: `${100 - percentOf(shown.to, whole)}%` }} />
        <Handle name="Start of the range" edge="from" {...{ range, duration, onRange }} />
        <Handle name="End of the range" edge="to" {...{ range, duration, onRange }} />
      </div>
      {!isWhole && (
        <button type="button" className={css("reset")} onClick={() => onRange(whole)}>
          Show the whole trace
        </button>
      )}
    </div>
  );
}

interface HandleProps extends Pick<MinimapProps, "range" | "onRange"> {
  readonly name: string;
  readonly edge: "from" | "to";
  readonly duration: number;
}

/** An end of the range, which the arrow keys move. */
function Handle({ name, edge, range, duration, onRange }: HandleProps) {
  const value = range[edge];
  const move = (event: KeyboardEvent): void => {
    const step = KEY_STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const moved = value + step * duration;
    const least = duration / 1000;
    onRange(
      edge === "from"
        ? limitedRange(Math.min(moved, range.to - least), range.to, duration)
        : limitedRange(range.from, Math.max(moved, range.from + least), duration),
    );
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={duration}
      aria-valuenow={value}
      aria-valuetext={durationText(value)}
      className={css("handle")}
      style={{ left: `${percentOf(value, { from: 0, to: duration })}%` }}
      onKeyDown={move}
    />
  );
}

/** Draws each span as a line; large traces share the lines of the drawing. */
function draw(
  canvas: HTMLCanvasElement | null,
  { spans, start, end }: Trace,
  width: number,
  colorOf: (service: string) => string,
): void {
  const context = canvas?.getContext("2d");
  if (canvas === null || context == null) return;
  const ratio = globalThis.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = HEIGHT * ratio;
  context.scale(ratio, ratio);
  context.clearRect(0, 0, width, HEIGHT);
  const line = Math.max(1, Math.min(4, HEIGHT / Math.max(1, spans.length)));
  const scale = width / Math.max(Number.MIN_VALUE, end - start);
  for (const [at, span] of spans.entries()) {
    context.fillStyle = colorOf(span.service);
    context.fillRect(
      (span.start - start) * scale,
      (at / spans.length) * (HEIGHT - line),
      Math.max(1, span.duration * scale),
      line,
    );
  }
}
