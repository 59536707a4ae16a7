import { useLayoutEffect, useRef } from "react";

/** Restores the page's scroll position when `isAway` becomes false, for example after a single panel was viewed. */
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
