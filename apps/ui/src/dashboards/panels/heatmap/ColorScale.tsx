import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./ColorScale.module.css";
import type { HeatmapPlan } from "./heatmap-plan.ts";

const css = classesOf(styles);

const WIDTH = 240;

/** Legend that shows the colour scale with the counts at its ends, and marks the count under the pointer. */
export function ColorScale({ plan, pointed }: { plan: HeatmapPlan; pointed: number | null }) {
  const { palette, fills, countText } = plan;
  const share = pointed === null ? 0 : (pointed - fills.min) / (fills.max - fills.min || 1);
  const at = Math.max(0, Math.min(1, share));
  return (
    <figure className={css("scale")} aria-label={`Colors from ${countText(fills.min)} to ${countText(fills.max)}`}>
      <div className={css("bar")} style={{ width: WIDTH, background: stepsOf(palette) }}>
        {pointed !== null && <span className={css("mark")} style={{ left: `${at * 100}%` }} />}
      </div>
      <figcaption className={css("ends")} style={{ width: WIDTH }}>
        <span>{countText(fills.min)}</span>
        {pointed !== null && <span className={css("pointed")}>{countText(pointed)}</span>}
        <span>{countText(fills.max)}</span>
      </figcaption>
    </figure>
  );
}

/** Returns a CSS gradient with hard edges between the colours. */
const stepsOf = (palette: readonly string[]): string =>
  `linear-gradient(to right, ${palette
    .map((color, at) => `${color} ${(at / palette.length) * 100}% ${((at + 1) / palette.length) * 100}%`)
    .join(", ")})`;
