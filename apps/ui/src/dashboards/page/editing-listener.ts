import { createContext, use, useEffect } from "react";

/** Called when the editing of the dashboard inside starts or ends. A playlist does not move on while it is edited. */
export const EditingListenerContext = createContext<((isEditing: boolean) => void) | null>(null);

/** Reports to the component around this dashboard that it is being edited. */
export function useToldEditing(isEditing: boolean): void {
  const tell = use(EditingListenerContext);
  useEffect(() => {
    if (!isEditing || tell === null) return;
    tell(true);
    return () => tell(false);
  }, [isEditing, tell]);
}
