import { Tooltip, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";

/** A control that is disabled if there is a reason, which a tooltip shows. */
export function DisabledWithReason({
  reason,
  children,
}: {
  reason: string | undefined;
  children: (isDisabled: boolean) => ReactNode;
}) {
  if (reason === undefined) return children(false);
  return (
    <Tooltip label={reason} events={{ hover: true, focus: false, touch: true }}>
      {/* A disabled control gets no events of the pointer, so the tooltip belongs to an element around it. */}
      <span>
        {children(true)}
        <VisuallyHidden>{reason}</VisuallyHidden>
      </span>
    </Tooltip>
  );
}
