import { Button } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

/** A button that opens a dialog. */
export function OpenButton({
  label,
  icon: ButtonIcon,
  children,
}: {
  label: string;
  icon: Icon;
  /** Renders the dialog. The argument is a function that closes the dialog. */
  children: (close: () => void) => ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="xs" leftSection={<ButtonIcon size={15} aria-hidden />} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {isOpen && children(() => setOpen(false))}
    </>
  );
}
