import type { ReactNode } from "react";
import { ForRole } from "./ForEditors.tsx";
import { useViewerOfStack } from "./viewer.ts";

/** A control that changes the configuration, as ForEditors, for users with the role of an administrator. */
export function ForAdmins({ children }: { children: (isDisabled: boolean) => ReactNode }) {
  const isDenied = useViewerOfStack()?.isOrgAdmin === false;
  return (
    <ForRole label="an administrator" disabled={isDenied}>
      {children}
    </ForRole>
  );
}
