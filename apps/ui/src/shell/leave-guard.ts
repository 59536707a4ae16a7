import { useEffect, useEffectEvent, useRef } from "react";

const CHANGES = "There are unsaved changes. This browser keeps them for your next visit. Leave the dashboard?";

/**
 * Asks for confirmation before the user follows a link or closes the page while there are unsaved changes. The Back
 * button is not intercepted, because the router has already left the page. The user is asked once for each link.
 * @param question text of the question before a link is followed
 */
export function useLeaveGuard(isDirty: boolean, question = CHANGES): void {
  // True if the user has agreed to follow a link. A link to another document also unloads the page, and the browser
  // would ask a second time.
  const hasAgreed = useRef(false);
  const onClick = useEffectEvent((event: MouseEvent) => {
    hasAgreed.current = false;
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!isDirty || !isPlain || !(link instanceof HTMLAnchorElement) || link.target === "_blank") return;
    if (link.hasAttribute("download") || isSamePage(link)) return;
    hasAgreed.current = confirm(question);
    if (hasAgreed.current) return;
    event.preventDefault();
    event.stopPropagation();
  });
  useEffect(() => {
    if (!isDirty) return;
    const clicked = (event: MouseEvent): void => onClick(event);
    const unloading = (event: BeforeUnloadEvent): void => {
      if (!hasAgreed.current) event.preventDefault();
      hasAgreed.current = false;
    };
    // Listens in the capture phase, so that the listener runs before the router handles the click.
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
