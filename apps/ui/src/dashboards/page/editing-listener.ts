import { createContext, use, useEffect } from "react";

/**
 * Context with the function that is called when the user starts or stops editing the dashboard. A playlist pauses
 * during editing.
 */
export const EditingListenerContext = createContext<((isEditing: boolean) => void) | null>(null);

/** Reports changes of `isEditing` to the function in `EditingListenerContext`. */
export function useEditingReport(isEditing: boolean): void {
  const listener = use(EditingListenerContext);
  useEffect(() => {
    if (!isEditing || listener === null) return;
    listener(true);
    return () => listener(false);
  }, [isEditing, listener]);
}
