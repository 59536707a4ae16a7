import { Tooltip, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { useMayChange } from "./viewer.ts";

/** Instruction for users without the role of an editor, for a disabled control. */
export const ASK_FOR_ROLE = "Ask an administrator for the role of an editor";

/**
 * A control that changes something. For users without the role of an editor, it is disabled and a tooltip shows the
 * reason: the server would refuse the change.
 */
export function ForEditors({ children }: { children: (isDisabled: boolean) => ReactNode }) {
  const mayChange = useMayChange();
  if (mayChange) return children(false);
  return (
    <Tooltip label={ASK_FOR_ROLE} events={{ hover: true, focus: false, touch: true }}>
      {/* A disabled control gets no events of the pointer, so the tooltip belongs to an element around it. */}
      <span>
        {children(true)}
        <VisuallyHidden>{ASK_FOR_ROLE}</VisuallyHidden>
      </span>
    </Tooltip>
  );
}
