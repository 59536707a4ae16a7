import { Button } from "@mantine/core";
import { Fragment, useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";

/**
 * Draws a long list in steps: the next part when its end comes near the window, or by the button. The page keeps its
 * one scroll bar.
 */
export function GradualList<T>({
  items,
  keyOf,
  render,
  step = 50,
  renderMore = (more) => more,
}: {
  items: readonly T[];
  keyOf: (item: T, index: number) => string;
  render: (item: T, index: number) => ReactNode;
  step?: number;
  /** Puts the button into an element that may stand where the items do, such as a table row. */
  renderMore?: (more: ReactNode) => ReactNode;
}) {
  const [limit, setLimit] = useState(step);
  const end = useRef<HTMLDivElement>(null);
  const more = limit < items.length;
  useEffect(() => {
    if (!more || end.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        // A new observer reports at once: the list grows until its end lies outside.
        if (entries.some((entry) => entry.isIntersecting)) setLimit(limit + step);
      },
      { rootMargin: "600px" },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [limit, step, more]);
  return (
    <>
      {items.slice(0, limit).map((item, index) => (
        <Fragment key={keyOf(item, index)}>{render(item, index)}</Fragment>
      ))}
      {more &&
        renderMore(
          <div ref={end} className="list-more">
            <Button variant="subtle" size="compact-sm" onClick={() => setLimit(limit + step)}>
              Show more ({items.length - limit} left)
            </Button>
          </div>,
        )}
    </>
  );
}
