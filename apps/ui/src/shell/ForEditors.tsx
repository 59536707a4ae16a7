import { Tooltip, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { useMayChange, useViewerOfStack } from "./viewer.ts";

/** Returns the instruction for a user without the role of an editor. */
export function useRoleHint(): string {
  const isVisitor = useViewerOfStack()?.isSignedIn === false;
  return `${isVisitor ? "Sign in, or ask" : "Ask"} an administrator for the role of an editor`;
}

/**
 * A control that changes something. For users without the role of an editor, it is disabled and a tooltip shows the
 * reason: the server would refuse the change.
 */
export function ForEditors({ children }: { children: (isDisabled: boolean) => ReactNode }) {
  const mayChange = useMayChange();
  const hint = useRoleHint();
  if (mayChange) return children(false);
  return (
    <Tooltip label={hint} events={{ hover: true, focus: false, touch: true }}>
      {/* A disabled control gets no events of the pointer, so the tooltip belongs to an element around it. */}
      <span>
        {children(true)}
        <VisuallyHidden>{hint}</VisuallyHidden>
      </span>
    </Tooltip>
  );
}
