import { Menu, Text } from "@mantine/core";
import {
  IconArrowsDiff,
  IconBell,
  IconClipboardCopy,
  IconCompass,
  IconCopy,
  IconEdit,
  IconEye,
  IconFileTypeSvg,
  IconInfoCircle,
  IconList,
  IconPhoto,
  IconShare,
  IconTrash,
} from "@tabler/icons-react";
import type { BoundVariable, Panel } from "@narthex/dashboards";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { showNotification } from "../../../shell/Notifications.tsx";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import { hasRuleQueries } from "../alert-rule/has-rule-queries.ts";
import { hasQueries } from "../../data/explore-address.ts";
import { LogsItems } from "./logs/LogsItems.tsx";
import { usePageAddress } from "./page-address.ts";
import { namedPanel, without, withPanel } from "./panel-address.ts";
import type { PanelActions } from "./panel-actions.ts";
import { SilenceItem } from "./SilenceItem.tsx";
import { hasLegend, isLegendShown } from "./use-panel-edits.ts";

interface ItemsProps {
  readonly panelKey: string;
  readonly panel: Panel;
  readonly title: string;
  readonly scoped: ReadonlyMap<string, BoundVariable>;
  readonly actions: PanelActions;
}

const Keys = ({ children }: { children: string }) => (
  <Text span size="xs" c="dimmed" ff="monospace">
    {children}
  </Text>
);

function LinkItem({ to, keys, icon, children }: { to: string; keys: string; icon: ReactNode; children: string }) {
  return (
    <Menu.Item component={Link} to={to} leftSection={icon} rightSection={<Keys>{keys}</Keys>}>
      {children}
    </Menu.Item>
  );
}

/** Actions of a panel. The keyboard shortcuts work while the pointer or focus is in the panel. */
export default function PanelMenuItems({ panelKey, panel, title, scoped, actions }: ItemsProps) {
  const [params] = useSearchParams();
  const { dashboard, sources, lookupFor } = useDashboardContext();
  const explore = usePageAddress("explore", panel, scoped);
  const changes = usePageAddress("changes", panel, scoped);
  const isViewed = namedPanel(params, "viewPanel") === panelKey;
  const at = (next: URLSearchParams): string => `?${next}`;
  const save = async (form: "png" | "svg"): Promise<void> => {
    try {
      const { saveImage } = await import("./panel-image.ts");
      await saveImage(panelKey, title === "" ? dashboard.title : title, form);
    } catch (error) {
      showNotification({ color: "red", title: "The image was not saved", message: errorSentence(error) });
    }
  };
  return (
    <>
      <LinkItem
        to={at(isViewed ? without(params, "viewPanel") : withPanel(params, "viewPanel", panelKey))}
        keys="v"
        icon={<IconEye size={15} aria-hidden />}
      >
        {isViewed ? "Back to dashboard" : "View"}
      </LinkItem>
      {actions.canEdit && (
        <LinkItem
          to={at(withPanel(without(params, "viewPanel"), "editPanel", String(panel.id)))}
          keys="e"
          icon={<IconEdit size={15} aria-hidden />}
        >
          Edit
        </LinkItem>
      )}
      <Menu.Item
        leftSection={<IconShare size={15} aria-hidden />}
        rightSection={<Keys>p s</Keys>}
        onClick={() => actions.share(panelKey)}
      >
        Share
      </Menu.Item>
      {hasQueries(panel) && (
        <>
          {explore !== undefined && (
            <LinkItem to={explore} keys="p x" icon={<IconCompass size={15} aria-hidden />}>
              Explore
            </LinkItem>
          )}
          <LogsItems panelKey={panelKey} panel={panel} scoped={scoped} />
          {changes !== undefined && (
            <LinkItem to={changes} keys="p c" icon={<IconArrowsDiff size={15} aria-hidden />}>
              What changed?
            </LinkItem>
          )}
          <LinkItem
            to={at(withPanel(params, "inspect", panelKey))}
            keys="i"
            icon={<IconInfoCircle size={15} aria-hidden />}
          >
            Inspect
          </LinkItem>
          {actions.canEdit && <SilenceItem panelKey={panelKey} panel={panel} scoped={scoped} />}
        </>
      )}
      {hasRuleQueries(panel, sources, lookupFor(scoped)) && (
        <Menu.Item
          component={Link}
          to={at(withPanel(params, "alertRule", panelKey))}
          leftSection={<IconBell size={15} aria-hidden />}
        >
          Alert rule from threshold…
        </Menu.Item>
      )}
      <EditItems panel={panel} actions={actions} />
      <Menu.Divider />
      <Menu.Label>Download image</Menu.Label>
      <Menu.Item leftSection={<IconPhoto size={15} aria-hidden />} onClick={() => void save("png")}>
        PNG
      </Menu.Item>
      <Menu.Item leftSection={<IconFileTypeSvg size={15} aria-hidden />} onClick={() => void save("svg")}>
        SVG
      </Menu.Item>
    </>
  );
}

/** Menu items that edit the dashboard. Changes can be undone and must be saved. */
function EditItems({ panel, actions: { canEdit, edit } }: Pick<ItemsProps, "panel" | "actions">) {
  if (edit === undefined) return null;
  return (
    <>
      {hasLegend(panel) && (
        <Menu.Item
          leftSection={<IconList size={15} aria-hidden />}
          rightSection={<Keys>p l</Keys>}
          onClick={() => edit.legend(panel)}
        >
          {isLegendShown(panel) ? "Hide legend" : "Show legend"}
        </Menu.Item>
      )}
      {canEdit && (
        <>
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconCopy size={15} aria-hidden />}
            rightSection={<Keys>p d</Keys>}
            onClick={() => edit.duplicate(panel)}
          >
            Duplicate
          </Menu.Item>
          <Menu.Item leftSection={<IconClipboardCopy size={15} aria-hidden />} onClick={() => edit.copy(panel)}>
            Copy
          </Menu.Item>
          <Menu.Item
            leftSection={<IconTrash size={15} aria-hidden />}
            rightSection={<Keys>p r</Keys>}
            onClick={() => edit.remove(panel)}
          >
            Remove
          </Menu.Item>
        </>
      )}
    </>
  );
}
