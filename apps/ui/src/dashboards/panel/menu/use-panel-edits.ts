import { type JsonObject, type Panel, patchPanel } from "@narthex/dashboards";
import { use, useMemo } from "react";
import { type DashboardEdit, EditContext } from "../../draft/edit-context.ts";
import type { PanelEdits } from "./panel-actions.ts";

/** Reports whether a panel has a legend that can be shown and hidden. */
export const hasLegend = ({ options }: Panel): boolean =>
  typeof options["legend"] === "object" && options["legend"] !== null;

export function isLegendShown({ options }: Panel): boolean {
  const legend = options["legend"] as JsonObject | undefined;
  return legend?.["showLegend"] !== false && legend?.["displayMode"] !== "hidden";
}

const nameOf = ({ id, title }: Panel): string => title || `panel ${id}`;

/**
 * Returns functions that edit the dashboard from a panel's menu. They change the draft, so that the user can undo or
 * save.
 */
export function usePanelEdits(): PanelEdits | undefined {
  const edit = use(EditContext);
  const begin = edit?.begin;
  const change = edit?.change;
  return useMemo(
    () => (begin === undefined || change === undefined ? undefined : editsBy({ begin, change })),
    [begin, change],
  );
}

const editsBy = ({ begin, change }: Pick<DashboardEdit, "begin" | "change">): PanelEdits => {
  const duplicate = async (panel: Panel): Promise<void> => {
    const { withPanelDuplicated } = await import("../../draft/panel-changes.ts");
    begin();
    change(`Duplicate ${nameOf(panel)}`, (json) => withPanelDuplicated(json, panel.id));
  };
  const copy = async (panel: Panel): Promise<void> => {
    const { copyPanel } = await import("../../draft/copied-panel.ts");
    copyPanel(panel.source);
  };
  const remove = async (panel: Panel): Promise<void> => {
    const { withoutPanel } = await import("../../draft/panel-changes.ts");
    begin();
    change(`Remove ${nameOf(panel)}`, (json) => withoutPanel(json, panel.id));
  };
  return {
    legend: (panel) => {
      if (!hasLegend(panel)) return;
      const edits = [{ path: ["options", "legend", "showLegend"], value: !isLegendShown(panel) }];
      change(`Toggle legend of ${nameOf(panel)}`, (json) => patchPanel(json, panel.id, edits));
    },
    duplicate: (panel) => void duplicate(panel),
    copy: (panel) => void copy(panel),
    remove: (panel) => void remove(panel),
  };
};
