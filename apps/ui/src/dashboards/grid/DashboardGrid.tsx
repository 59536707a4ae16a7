import { heightOf, type PixelRect, type PlacedPanel, rectOf, VisibleItems } from "@narthex/dashboards";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useEffectEvent, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./DashboardGrid.module.css";

const css = classesOf(styles);

/** Panels are rendered in advance if they are at most this far outside the visible area, CSS pixels. */
const MARGIN_PX = 400;

/** Returns the part of an element that is visible on the screen, relative to the element's top. */
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

/** Height of the page's header, which covers panels at the top of the window, with some room. CSS pixels. */
const HEADER_PX = 80;

/** Scrolls to a panel of the grid if it is not completely visible. */
function useScrollTo(
  grid: HTMLElement | null,
  wanted: string | undefined,
  panels: readonly PlacedPanel[],
  width: number,
): void {
  const scroll = useEffectEvent((key: string, element: HTMLElement): void => {
    const placed = panels.find((one) => one.key === key);
    if (placed === undefined) return;
    const rect = rectOf(placed.position, width);
    const top = element.getBoundingClientRect().top + rect.top;
    const isVisible = top >= HEADER_PX && top + rect.height <= innerHeight;
    if (!isVisible) scrollBy({ top: top - HEADER_PX, behavior: "instant" });
  });
  const isMeasured = width > 0;
  useEffect(() => {
    if (grid !== null && wanted !== undefined && isMeasured) scroll(wanted, grid);
  }, [grid, wanted, isMeasured]);
}

/**
 * Draws panels at their positions in the grid. Panels that are far from the visible area are not in the document.
 * @param order keys of the panels in the order of their elements, by default from top to bottom. The order should not
 * change during a drag: if React moves an element, it loses its pointer capture.
 * @param wanted key of a panel to which the page scrolls when the key changes, such as a new panel
 */
export function DashboardGrid({
  panels,
  order,
  wanted,
  children,
}: {
  panels: readonly PlacedPanel[];
  order?: readonly string[];
  wanted?: string | undefined;
  children: (placed: PlacedPanel, rect: PixelRect) => ReactNode;
}) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const shown = useShownPart(element);
  const index = useMemo(() => new VisibleItems(panels), [panels]);
  const ranks = useMemo(() => order && new Map(order.map((key, rank) => [key, rank])), [order]);
  useScrollTo(element, wanted, panels, width);
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
