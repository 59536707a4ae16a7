import { Button, type ButtonProps } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import { type ReactNode, use } from "react";
import { Link } from "react-router";
import { ForEditors } from "../shell/ForEditors.tsx";
import { ManagerContext } from "./manager-place.tsx";

interface SilenceButtonProps extends Pick<ButtonProps, "size" | "variant"> {
  /** Path of a form on the pages of the Alertmanager. */
  readonly to: string;
  readonly icon?: Icon;
  readonly children: ReactNode;
}

/** A button that opens a form for a silence. Disabled for users who may not create silences. */
export function SilenceButton({ to, icon: ButtonIcon, ...props }: SilenceButtonProps) {
  const { pages } = use(ManagerContext);
  const look: ButtonProps = {
    size: "compact-sm",
    variant: "light",
    ...(ButtonIcon !== undefined && { leftSection: <ButtonIcon size={14} aria-hidden /> }),
    ...props,
  };
  return (
    <ForEditors>
      {(isDisabled) =>
        isDisabled ? (
          <Button {...look} disabled />
        ) : pages === undefined ? (
          <Button {...look} component={Link} to={to} />
        ) : (
          <Button {...look} component="a" href={`${pages}${to}`} />
        )
      }
    </ForEditors>
  );
}
