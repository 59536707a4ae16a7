import { ActionIcon } from "@mantine/core";
import type { ReactNode } from "react";

/** A small icon button that acts on the item next to it. */
export function Tool({
  label,
  isPressed,
  isDisabled = false,
  onClick,
  children,
}: {
  label: string;
  /** State of a toggle button; undefined if the button is not a toggle. */
  isPressed?: boolean;
  isDisabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <ActionIcon
      size="sm"
      variant={isPressed === true ? "light" : "subtle"}
      color="gray"
      aria-label={label}
      title={label}
      disabled={isDisabled}
      {...(isPressed === undefined ? {} : { "aria-pressed": isPressed })}
      onClick={onClick}
    >
      {children}
    </ActionIcon>
  );
}
