import { Button, type ButtonProps } from "@mantine/core";
import type { ComponentPropsWithoutRef } from "react";
import { ForEditors } from "./ForEditors.tsx";

export type PlainButtonProps = ButtonProps & Omit<ComponentPropsWithoutRef<"button">, keyof ButtonProps>;

/** A button that changes something, disabled with the reason for users without the role of an editor. */
export function EditorButton({ disabled = false, ...props }: PlainButtonProps) {
  return <ForEditors>{(isDenied) => <Button {...props} disabled={isDenied || disabled} />}</ForEditors>;
}
