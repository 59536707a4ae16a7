import type { ReactNode } from "react";
import { DisabledWithReason } from "./DisabledWithReason.tsx";
import { useMayChange, useViewerOfStack } from "./viewer.ts";

/**
 * Returns the instruction for a user without a role.
 * @param role the role with its article
 */
export function useRoleHint(role = "an editor"): string {
  const isVisitor = useViewerOfStack()?.isSignedIn === false;
  return `${isVisitor ? "Sign in, or ask" : "Ask"} an administrator for the role of ${role}`;
}

/**
 * A control that changes something. For users without the role of an editor, it is disabled and a tooltip shows the
 * reason: the server would refuse the change.
 */
export function ForEditors({ children }: { children: (isDisabled: boolean) => ReactNode }) {
  const hint = useRoleHint();
  return <DisabledWithReason reason={useMayChange() ? undefined : hint}>{children}</DisabledWithReason>;
}
