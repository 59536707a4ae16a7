import { useEffect, useEffectEvent } from "react";

const CHANGES =
  "There are changes that are not saved. This browser keeps them for your next visit. Leave the dashboard?";

/**
 * Asks before a link or the browser leaves the page with unsaved changes. The browser's back button is not caught,
 * since the router has already left the page then. A dashboard's changes are stored for the next visit in any case.
 *
 * @param question text of the question before a link is followed
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
    // In the capture phase, before the router sees the click.
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
