import { ActionIcon } from "@mantine/core";
import type { ReactNode } from "react";

/** A small button of an icon, beside what it is about. */
export function Tool({
  label,
  isPressed,
  isDisabled = false,
  onClick,
  children,
}: {
  label: string;
  /** Whether what it switches is on; absent: it switches nothing. */
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
