import { useLayoutEffect, useRef } from "react";

/**
 * Stores the page's scroll position while `isAway` is true, for example while a single panel is viewed, and restores it
 * afterwards.
 */
export function useKeptScroll(isAway: boolean): void {
  const kept = useRef(0);
  useLayoutEffect(() => {
    if (isAway) {
      scrollTo({ top: 0, behavior: "instant" });
      return;
    }
    const frame = requestAnimationFrame(() => {
      if (kept.current > 0) scrollTo({ top: kept.current, behavior: "instant" });
    });
    const keep = (): void => {
      kept.current = scrollY;
    };
    addEventListener("scroll", keep, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", keep);
    };
  }, [isAway]);
}
