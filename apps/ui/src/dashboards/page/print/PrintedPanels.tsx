import { describeRange, PAPER_AREAS, type PlacedPanel, printedPages } from "@narthex/dashboards";
import { useEffect, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { classesOf } from "../../../shell/style-sheet.ts";
import { without } from "../../panel/menu/panel-address.ts";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { PlacedCard } from "../PlacedCard.tsx";
import { untilDrawn } from "./until-drawn.ts";
import styles from "./PrintedPanels.module.css";

const css = classesOf(styles);

/** Overrides the paper of the style sheet, in which a media query cannot choose the orientation. */
const LANDSCAPE_PAPER = "@page { size: A4 landscape }";

/** Draws all panels of a dashboard on sheets of paper. Opens the browser's print dialog when all panels are drawn. */
export default function PrintedPanels({ panels }: { panels: readonly PlacedPanel[] }) {
  const { dashboard, feeds, shown } = useDashboardContext();
  const [params] = useSearchParams();
  const [host, setHost] = useState<HTMLElement | null>(null);
  const [isDrawn, setDrawn] = useState(false);
  const isLandscape = params.get("paper") === "landscape";
  const { width, height } = PAPER_AREAS[isLandscape ? "landscape" : "portrait"];
  const pages = useMemo(() => printedPages(panels, width, height), [panels, width, height]);
  useEffect(() => {
    if (host === null) return;
    const control = new AbortController();
    void untilDrawn(host, feeds, control.signal).then(() => {
      if (!control.signal.aborted) setDrawn(true);
    });
    return () => control.abort();
  }, [host, feeds]);
  useEffect(() => {
    if (isDrawn) print();
  }, [isDrawn]);
  return (
    <>
      {isLandscape && <style>{LANDSCAPE_PAPER}</style>}
      <div className={css("bar")}>
        <Link to={`?${without(params, "print", "paper", "theme")}`}>Back to dashboard</Link>
        <button type="button" onClick={() => print()}>
          Print
        </button>
        <span role="status">{isDrawn ? "" : "Panels are being drawn…"}</span>
      </div>
      <div
        ref={setHost}
        className={`${css("pages")} ${isLandscape ? css("landscape") : ""}`}
        data-printed={isDrawn ? "drawn" : "drawing"}
      >
        <header className={css("head")}>
          <h1>{dashboard.title}</h1>
          <span>{describeRange(shown) ?? `${shown.from} to ${shown.to}`}</span>
        </header>
        {pages.map((page) => (
          <div key={page[0]?.placed.key} className={css("page")}>
            {page.map(({ placed, rect }) => (
              <div key={placed.key} className={css("cell")} style={rect}>
                <PlacedCard placed={placed} width={rect.width} height={rect.height} />
              </div>
            ))}
          </div>
        ))}
      </div>
    </>
  );
}
