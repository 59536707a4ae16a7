import { createContext, use, useEffect } from "react";

/** Told whether the dashboard within is being edited: what shows others in its place waits until that is done. */
export const EditingListenerContext = createContext<((isEditing: boolean) => void) | null>(null);

/** Tells whoever shows this dashboard that it is being edited. */
export function useToldEditing(isEditing: boolean): void {
  const tell = use(EditingListenerContext);
  useEffect(() => {
    if (!isEditing || tell === null) return;
    tell(true);
    return () => tell(false);
  }, [isEditing, tell]);
}
