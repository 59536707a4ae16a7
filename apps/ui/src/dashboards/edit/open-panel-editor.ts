import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** Returns a function that opens the editor of a panel through the page's address. */
export function useOpenPanelEditor(): (id: number) => void {
  const [, setParams] = useSearchParams();
  return useCallback(
    (id) =>
      setParams((before) => {
        const next = new URLSearchParams(before);
        next.delete("editview");
        next.set("editPanel", String(id));
        return next;
      }),
    [setParams],
  );
}
