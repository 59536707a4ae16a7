import { Button, useComputedColorScheme } from "@mantine/core";
import { useState } from "react";
import type { MouseEvent } from "react";
import { SeriesName } from "../SeriesName.tsx";
import { lineColor } from "./palette.ts";
import type { PlotLine } from "./plot-data.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./Legend.module.css";

const css = classesOf(styles);

const firstShown = 100;

/**
 * Returns the hidden lines after a click: the clicked one is shown alone, or all again. With a modifier key only the
 * clicked one is toggled.
 */
export function hiddenAfterClick(
  hidden: ReadonlySet<number>,
  clicked: number,
  count: number,
  single: boolean,
): ReadonlySet<number> {
  if (single) {
    const next = new Set(hidden);
    if (!next.delete(clicked)) next.add(clicked);
    return next.size === count ? new Set() : next;
  }
  const alone = hidden.size === count - 1 && !hidden.has(clicked);
  if (alone) return new Set();
  return new Set(Array.from({ length: count }, (_, index) => index).filter((index) => index !== clicked));
}

/** The names of the lines. A click isolates a line; with Ctrl, Cmd or Shift it toggles one. */
export function Legend({
  lines,
  hidden,
  onChange,
}: {
  lines: readonly PlotLine[];
  hidden: ReadonlySet<number>;
  onChange: (hidden: ReadonlySet<number>) => void;
}) {
  const [all, setAll] = useState(false);
  const scheme = useComputedColorScheme("light");
  const shown = all ? lines : lines.slice(0, firstShown);
  const click = (event: MouseEvent, index: number): void => {
    const single = event.ctrlKey || event.metaKey || event.shiftKey;
    onChange(hiddenAfterClick(hidden, index, lines.length, single));
  };
  return (
    <div>
      <ul className={css("list")} aria-label="Legend">
        {shown.map((line, index) => (
          <li key={line.key}>
            <button
              type="button"
              className={css("item")}
              aria-pressed={!hidden.has(index)}
              title="Click to isolate, Ctrl+click to switch"
              onClick={(event) => click(event, index)}
            >
              <span className={css("swatch")} style={{ background: lineColor(line.color, scheme) }} />
              <SeriesName labels={line.labels} plain />
            </button>
          </li>
        ))}
      </ul>
      {shown.length < lines.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          Show all {lines.length} series
        </Button>
      )}
    </div>
  );
}
