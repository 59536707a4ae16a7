import { useCallback, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { type KeptLegendChoice, KeptLegendChoiceContext, type LegendChoice } from "../../plot/hidden-series.ts";
import { fitsAddress, legendChoiceIn, withLegendChoice } from "./legend-choice.ts";

/** Stores the hidden series of a panel in the address, so that a shared link shows the same series. */
export function LegendScope({ panelKey, children }: { panelKey: string; children: ReactNode }) {
  const [params, setParams] = useSearchParams();
  const [long, setLong] = useState<LegendChoice>();
  const inAddress = legendChoiceIn(params, panelKey);
  // The selection as text, because an equal text does not cause another rendering and a new object would.
  const text = inAddress === undefined ? undefined : JSON.stringify(inAddress);
  const choice = useMemo(() => (text === undefined ? long : (JSON.parse(text) as LegendChoice)), [text, long]);
  const keep = useCallback(
    (next: LegendChoice | undefined): void => {
      const isShort = next === undefined || fitsAddress(next);
      setLong(isShort ? undefined : next);
      setParams((before) => withLegendChoice(before, panelKey, isShort ? next : undefined), { replace: true });
    },
    [panelKey, setParams],
  );
  const kept = useMemo((): KeptLegendChoice => ({ choice, keep }), [choice, keep]);
  return <KeptLegendChoiceContext value={kept}>{children}</KeptLegendChoiceContext>;
}
