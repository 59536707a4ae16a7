import { useEffect, useEffectEvent } from "react";

const CHANGES =
  "There are changes that are not saved. This browser keeps them for your next visit. Leave the dashboard?";

/**
 * Asks before the page is left with changes that are not saved, by a link or by the browser. The way back asks nothing: the
 * router is there already. Changes of a dashboard are kept for the next visit either way.
 *
 * @param question what is asked before a link is followed
 */
export function useLeaveGuard(isDirty: boolean, question = CHANGES): void {
  const onClick = useEffectEvent((event: MouseEvent) => {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!isDirty || !isPlain || !(link instanceof HTMLAnchorElement) || link.target === "_blank") return;
    if (link.hasAttribute("download") || isSamePage(link)) return;
    if (confirm(question)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  useEffect(() => {
    if (!isDirty) return;
    const clicked = (event: MouseEvent): void => onClick(event);
    const unloading = (event: BeforeUnloadEvent): void => event.preventDefault();
    // Before the router sees the click.
    document.addEventListener("click", clicked, true);
    addEventListener("beforeunload", unloading);
    return () => {
      document.removeEventListener("click", clicked, true);
      removeEventListener("beforeunload", unloading);
    };
  }, [isDirty]);
}

const isSamePage = ({ origin, pathname }: HTMLAnchorElement): boolean =>
  origin === location.origin && pathname === location.pathname;
