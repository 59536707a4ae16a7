import { Button } from "@mantine/core";
import { useIntersection } from "@mantine/hooks";
import { Fragment, useEffect, useState } from "react";
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
  wrapMore = (more) => more,
}: {
  items: readonly T[];
  keyOf: (item: T, index: number) => string;
  render: (item: T, index: number) => ReactNode;
  step?: number;
  /** Puts the button into an element that may stand where the items do, such as a table row. */
  wrapMore?: (more: ReactNode) => ReactNode;
}) {
  const [limit, setLimit] = useState(step);
  const { ref, entry } = useIntersection({ rootMargin: "600px" });
  const near = entry?.isIntersecting === true;
  const more = limit < items.length;
  useEffect(() => {
    if (near && more) setLimit((old) => old + step);
  }, [near, more, step, limit]);
  return (
    <>
      {items.slice(0, limit).map((item, index) => (
        <Fragment key={keyOf(item, index)}>{render(item, index)}</Fragment>
      ))}
      {more &&
        wrapMore(
          <div ref={ref} className="list-more">
            <Button variant="subtle" size="compact-sm" onClick={() => setLimit(limit + step)}>
              Show more ({items.length - limit} left)
            </Button>
          </div>,
        )}
    </>
  );
}
