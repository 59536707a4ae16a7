import { heightOf, type PixelRect, type PlacedPanel, rectOf, VisibleItems } from "@narthex/dashboards";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./DashboardGrid.module.css";

const css = classesOf(styles);

/** Distance beyond the screen in which panels are drawn, CSS pixels. */
const MARGIN_PX = 400;

/** Returns the visible part of an element, relative to its top. */
function useShownPart(element: HTMLElement | null): { readonly top: number; readonly height: number } {
  const [part, setPart] = useState({ top: 0, height: typeof innerHeight === "number" ? innerHeight : 1000 });
  useEffect(() => {
    if (element === null) return;
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      const top = Math.round(-element.getBoundingClientRect().top / 100) * 100;
      setPart((before) =>
        before.top === top && before.height === innerHeight ? before : { top, height: innerHeight },
      );
    };
    const later = (): void => {
      frame ||= requestAnimationFrame(measure);
    };
    later();
    addEventListener("scroll", later, { passive: true, capture: true });
    addEventListener("resize", later);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", later, { capture: true });
      removeEventListener("resize", later);
    };
  }, [element]);
  return part;
}

/**
 * Panels at their positions in the grid. Panels far outside the screen are not in the document.
 *
 * @param order keys of the panels in the order of their elements; the default order is from top to bottom. If React
 * moves an element, the element loses its pointer capture.
 */
export function DashboardGrid({
  panels,
  order,
  children,
}: {
  panels: readonly PlacedPanel[];
  order?: readonly string[];
  children: (placed: PlacedPanel, rect: PixelRect) => ReactNode;
}) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const shown = useShownPart(element);
  const index = useMemo(() => new VisibleItems(panels), [panels]);
  const ranks = useMemo(() => order && new Map(order.map((key, rank) => [key, rank])), [order]);
  const inSight = width === 0 ? [] : index.within(shown.top, shown.height, MARGIN_PX);
  if (ranks !== undefined) inSight.sort((a, b) => (ranks.get(a.key) ?? 0) - (ranks.get(b.key) ?? 0));
  return (
    <div ref={setElement} className={css("grid")} style={{ height: heightOf(panels) }}>
      <div ref={ref} className={css("ruler")} />
      {inSight.map((placed) => {
        const rect = rectOf(placed.position, width);
        return (
          <div key={placed.key} className={css("cell")} style={{ ...rect }}>
            {children(placed, rect)}
          </div>
        );
      })}
    </div>
  );
}
