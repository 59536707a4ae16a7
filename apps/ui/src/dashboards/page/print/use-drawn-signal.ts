import type { Dashboard } from "@narthex/dashboards";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useSearchParams } from "react-router";
import type { PanelFeeds } from "../../data/panel/panel-feeds.ts";
import { isPrinted } from "../page-parts.ts";
import type { DrawnReceiver } from "./signal-drawn.ts";

/** Selectors of the panels, or the message that there is no such panel, and of the panels on sheets of paper. */
const [PANELS, PRINTED, PAGE] = ['[data-panel-state], [role="alert"]', '[data-printed="drawn"]', "body"];

/**
 * Tells the program that renders the page as a picture when all panels are drawn. Has no effect in the browser of
 * a user.
 * @param dashboard the dashboard of the page
 * @param isLaidOut whether the positions of all panels are known
 */
export function useDrawnSignal({ panels }: Pick<Dashboard, "panels">, feeds: PanelFeeds, isLaidOut: boolean): void {
  const isOnPaper = isPrinted(useSearchParams()[0]);
  const awaited = isOnPaper ? PRINTED : panels.length > 0 ? PANELS : PAGE;
  const client = useQueryClient();
  useEffect(() => {
    const { narthexDrawn } = globalThis as DrawnReceiver;
    if (narthexDrawn === undefined || !isLaidOut) return;
    const control = new AbortController();
    void import("./signal-drawn.ts").then(({ signalDrawn }) =>
      signalDrawn({ host: document.body, feeds, client, awaited, send: narthexDrawn, signal: control.signal }),
    );
    return () => control.abort();
  }, [feeds, isLaidOut, client, awaited]);
}
