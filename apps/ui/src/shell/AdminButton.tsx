import { Button } from "@mantine/core";
import type { PlainButtonProps } from "./EditorButton.tsx";
import { ForRole } from "./ForRole.tsx";
import { useViewerOfStack } from "./viewer.ts";

/** A button that changes the configuration, disabled with the reason for users without the role of an administrator. */
export function AdminButton({ disabled = false, ...props }: PlainButtonProps) {
  const isDenied = useViewerOfStack()?.isOrgAdmin === false;
  return (
    <ForRole neededRole="administrator" isDenied={isDenied}>
      <Button {...props} disabled={isDenied || disabled} />
    </ForRole>
  );
}
