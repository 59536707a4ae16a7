import { createContext, use, useEffect } from "react";

/**
 * Function that is called when the user starts or stops to edit a dashboard inside the provider. A playlist pauses
 * while its dashboard is edited.
 */
export const EditingListenerContext = createContext<((isEditing: boolean) => void) | null>(null);

/** Calls the function in `EditingListenerContext` when `isEditing` changes. */
export function useEditingReport(isEditing: boolean): void {
  const listener = use(EditingListenerContext);
  useEffect(() => {
    if (!isEditing || listener === null) return;
    listener(true);
    return () => listener(false);
  }, [isEditing, listener]);
}
