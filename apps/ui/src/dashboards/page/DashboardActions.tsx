import {
  type Dashboard,
  type PlacedPanel,
  repeatValues,
  scopedVariables,
  type VariableStates,
} from "@narthex/dashboards";
import { useMemo, useState } from "react";
import type { ReactNode } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { showNotification } from "../../shell/Notifications.tsx";
import { errorSentence } from "../../shell/StatusMessage.tsx";
import type { QueryPage } from "../panel/menu/page-address.ts";
import { namedPanel, type PanelParameter, without, withPanel } from "../panel/menu/panel-address.ts";
import { type PanelActions, PanelActionsContext } from "../panel/menu/panel-actions.ts";
import { usePanelEdits } from "../panel/menu/use-panel-edits.ts";
import { type PanelAction, usePanelKeys } from "../panel/menu/use-panel-keys.ts";
import type { DashboardMeta } from "../data/dashboard-api.ts";
import { useDashboardContext } from "../data/dashboard-context.ts";
import { findPlaced } from "./view-panel/find-placed.ts";
import { whenLoaded } from "../../shell/when-loaded.tsx";

const AlertRuleDrawer = whenLoaded(() => import("../panel/alert-rule/AlertRuleDrawer.tsx"), null);
const InspectDrawer = whenLoaded(() => import("../panel/inspect/InspectDrawer.tsx"), null);
const ShareDialog = whenLoaded(() => import("../share/ShareDialog.tsx"), null);

/** Parameters of the page's address that the Escape key removes. */
const CLOSED_BY_ESCAPE: readonly string[] = ["inspect", "inspectTab"];

/**
 * Provides the actions on panels (view, share, inspect, edit and others) to the panels' menus and to keyboard
 * shortcuts.
 */
export function DashboardActions({
  dashboard,
  meta,
  states,
  children,
}: {
  dashboard: Dashboard;
  meta: DashboardMeta;
  states: VariableStates;
  children: ReactNode;
}) {
  const [params, setParams] = useSearchParams();
  const navigate = useNavigate();
  const context = useDashboardContext();
  const [shared, share] = useState<string | null>(null);
  const canEdit = meta.canEdit === true;
  const edit = usePanelEdits();
  const actions = useMemo((): PanelActions => ({ canEdit, share, edit }), [canEdit, edit]);
  const find = (key: string): PlacedPanel | undefined => findPlaced(dashboard.panels, repeatValues(states), key);
  const leaveFor = async (page: QueryPage, placed: PlacedPanel | undefined): Promise<void> => {
    try {
      const { pageAddress } = await import("../panel/menu/page-address.ts");
      const address = placed && pageAddress(page, placed.panel, scopedVariables(placed.scope), context);
      if (address !== undefined) void navigate(address);
    } catch (error) {
      showNotification({ color: "red", title: "The page was not opened", message: errorSentence(error) });
    }
  };
  const act = (action: PanelAction, key: string | null): void => {
    if (action === "back") setParams((now) => withoutView(now));
    else if (action === "kiosk") setParams((now) => (now.has("kiosk") ? without(now, "kiosk") : withKiosk(now)));
    else if (key === null) return;
    else if (action === "view") setParams((now) => toggledView(now, key));
    else if (action === "inspect") setParams((now) => withPanel(now, "inspect", key));
    else if (action === "explore" || action === "changes") void leaveFor(action, find(key));
    else if (action === "share") share(key);
    else if (action === "legend" || action === "duplicate" || action === "remove") {
      const panel = find(key)?.panel;
      if (panel !== undefined && (canEdit || action === "legend")) edit?.[action](panel);
    } else if (canEdit) setParams((now) => editedPanel(now, find(key)?.panel.id));
  };
  usePanelKeys(act);
  const isShared = shared !== null || params.has("shareView");
  const closeShared = (): void => {
    share(null);
    if (params.has("shareView")) setParams((now) => without(now, "shareView"), { replace: true });
  };
  const named = (name: PanelParameter): PlacedPanel | undefined => {
    const key = namedPanel(params, name);
    return key === null ? undefined : find(key);
  };
  const inspected = named("inspect");
  const ruled = named("alertRule");
  return (
    <PanelActionsContext value={actions}>
      {children}
      {inspected !== undefined && (
        <InspectDrawer
          key={inspected.key}
          placed={inspected}
          onClose={() => setParams((now) => without(now, ...CLOSED_BY_ESCAPE))}
        />
      )}
      {ruled !== undefined && (
        <AlertRuleDrawer key={ruled.key} placed={ruled} onClose={() => setParams((now) => without(now, "alertRule"))} />
      )}
      {isShared && (
        <ShareDialog
          placed={shared === null ? undefined : find(shared)}
          states={states}
          canEdit={canEdit}
          onClose={closeShared}
        />
      )}
    </PanelActionsContext>
  );
}

function withKiosk(params: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(params);
  next.set("kiosk", "true");
  return next;
}

const toggledView = (params: URLSearchParams, key: string): URLSearchParams =>
  namedPanel(params, "viewPanel") === key ? without(params, "viewPanel") : withPanel(params, "viewPanel", key);

const editedPanel = (params: URLSearchParams, id: number | undefined): URLSearchParams =>
  id === undefined ? params : withPanel(without(params, "viewPanel"), "editPanel", String(id));

/** Returns URL parameters that leave the view of a single panel, or otherwise kiosk mode. */
const withoutView = (params: URLSearchParams): URLSearchParams =>
  params.has("viewPanel") ? without(params, "viewPanel") : without(params, "kiosk");
