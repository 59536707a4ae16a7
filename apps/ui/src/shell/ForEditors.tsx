import type { ReactNode } from "react";
import { ForRole } from "./ForRole.tsx";
import { useMayChange } from "./viewer.ts";

/**
 * A control that changes something. For users without the role of an editor, it is disabled and a tooltip shows the
 * reason: the server would refuse the change.
 */
export function ForEditors({ children }: { children: (isDisabled: boolean) => ReactNode }) {
  const isDenied = !useMayChange();
  return (
    <ForRole neededRole="editor" isDenied={isDenied}>
      {children(isDenied)}
    </ForRole>
  );
}
