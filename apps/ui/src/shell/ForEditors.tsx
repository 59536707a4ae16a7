import { Tooltip, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { useMayChange, useViewerOfStack } from "./viewer.ts";

/**
 * Returns the instruction for a user without a role.
 * @param role the role with its article
 */
export function useRoleHint(role = "an editor"): string {
  const isVisitor = useViewerOfStack()?.isSignedIn === false;
  return `${isVisitor ? "Sign in, or ask" : "Ask"} an administrator for the role of ${role}`;
}

interface Props {
  readonly children: (isDisabled: boolean) => ReactNode;
}

/** A control for users with the named role. For others, it is disabled and a tooltip shows the reason. */
export function ForRole({ children, label, disabled }: Props & { label?: string; disabled: boolean }) {
  const hint = useRoleHint(label);
  if (!disabled) return children(false);
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

/**
 * A control that changes something. For users without the role of an editor, it is disabled and a tooltip shows the
 * reason: the server would refuse the change.
 */
export const ForEditors = (props: Props) => <ForRole {...props} disabled={!useMayChange()} />;
