import { Menu, UnstyledButton } from "@mantine/core";
import { IconDotsVertical } from "@tabler/icons-react";
import type { BoundVariable, Panel } from "@narthex/dashboards";
import { use } from "react";
import { PanelActionsContext } from "./panel-actions.ts";
import { whenLoaded } from "../../../shell/when-loaded.tsx";

const PanelMenuItems = whenLoaded(() => import("./PanelMenuItems.tsx"), null);

/** The menu button in a panel's header. The menu items are loaded when it is first opened. */
export function PanelMenu(props: {
  panelKey: string;
  panel: Panel;
  /** Title of the panel with variables replaced. */
  title: string;
  scoped: ReadonlyMap<string, BoundVariable>;
  className: string;
}) {
  const actions = use(PanelActionsContext);
  if (actions === null) return null;
  // The menu closes without an animation, because an animation pauses if "View" hides the dashboard, and continues when
  // the dashboard is shown again.
  return (
    <Menu position="bottom-end" withinPortal shadow="md" width={210} transitionProps={{ exitDuration: 0 }}>
      <Menu.Target>
        <UnstyledButton className={props.className} aria-label={`Menu of ${props.title || "the panel"}`}>
          <IconDotsVertical size={15} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <PanelMenuItems {...props} actions={actions} />
      </Menu.Dropdown>
    </Menu>
  );
}
