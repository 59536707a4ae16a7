import type { ReactNode } from "react";
import { DisabledWithReason } from "./DisabledWithReason.tsx";
import { useMayChange, useViewerOfStack } from "./viewer.ts";

/** Returns the instruction for a user without a role. */
function useHint(role: string): string {
  const isVisitor = useViewerOfStack()?.isSignedIn === false;
  return `${isVisitor ? "Sign in, or ask" : "Ask"} an administrator for the role of ${role}`;
}

/** Returns the instruction for a user without the role of an editor. */
export const useRoleHint = (): string => useHint("an editor");

interface Props {
  readonly children: (isDisabled: boolean) => ReactNode;
}

/**
 * A control that changes something. For users without the role of an editor, it is disabled and a tooltip shows the
 * reason: the server would refuse the change.
 */
export function ForEditors({ children }: Props) {
  const hint = useRoleHint();
  return <DisabledWithReason reason={useMayChange() ? undefined : hint}>{children}</DisabledWithReason>;
}

/** A control that changes the configuration, as ForEditors, for users with the role of an administrator. */
export function ForAdmins({ children }: Props) {
  const hint = useHint("an administrator");
  const mayChange = useViewerOfStack()?.isOrgAdmin !== false;
  return <DisabledWithReason reason={mayChange ? undefined : hint}>{children}</DisabledWithReason>;
}
