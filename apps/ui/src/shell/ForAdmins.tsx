import type { ReactNode } from "react";
import { DisabledWithReason } from "./DisabledWithReason.tsx";
import { useRoleHint } from "./ForEditors.tsx";
import { useViewerOfStack } from "./viewer.ts";

/** A control that changes the configuration, as ForEditors, for users with the role of an administrator. */
export function ForAdmins({ children }: { children: (isDisabled: boolean) => ReactNode }) {
  const hint = useRoleHint("an administrator");
  const mayChange = useViewerOfStack()?.isOrgAdmin !== false;
  return <DisabledWithReason reason={mayChange ? undefined : hint}>{children}</DisabledWithReason>;
}
