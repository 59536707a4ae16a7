import { Tooltip, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { useViewerOfStack } from "./viewer.ts";

type NeededRole = "administrator" | "editor";

/** Returns the sentence, without a full stop, for a user who does not have a role. */
export function useRoleHint(role: NeededRole): string {
  const isVisitor = useViewerOfStack()?.isSignedIn === false;
  if (role === "administrator") return `${isVisitor ? "Sign in: only" : "Only"} administrators may do this`;
  return `${isVisitor ? "Sign in, or ask" : "Ask"} an administrator for the role of an editor`;
}

/** A control for users with a role. For others, a tooltip shows why the control is disabled. */
export function ForRole({
  neededRole,
  isDenied,
  children,
}: {
  neededRole: NeededRole;
  /** Whether the user does not have the role. */
  isDenied: boolean;
  /** The control, disabled if `isDenied`. */
  children: ReactNode;
}) {
  const hint = useRoleHint(neededRole);
  if (!isDenied) return children;
  return (
    <Tooltip label={hint} events={{ hover: true, focus: false, touch: true }}>
      {/* A disabled control gets no events of the pointer, so the tooltip belongs to an element around it. */}
      <span>
        {children}
        <VisuallyHidden>{hint}</VisuallyHidden>
      </span>
    </Tooltip>
  );
}
