import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** Opens the editor of a panel, by the address. */
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
