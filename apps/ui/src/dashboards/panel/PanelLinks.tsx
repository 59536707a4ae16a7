import { Menu, Tooltip, UnstyledButton } from "@mantine/core";
import { type DashboardLink, type Lookup, resolveLink } from "@narthex/dashboards";
import { IconExternalLink, IconLink } from "@tabler/icons-react";
import { classesOf } from "../../shell/style-sheet.ts";
import { anchorTo } from "../../shell/link-anchor.ts";
import { useDashboardContext } from "../data/dashboard-context.ts";
import styles from "./PanelCard.module.css";

const css = classesOf(styles);

/** The links of a panel next to its title: a single link, or a button with several. */
export function PanelLinks({ links, lookup }: { links: readonly DashboardLink[]; lookup: Lookup }) {
  const { raw, states } = useDashboardContext();
  const resolved = links.flatMap((link) => resolveLink(link, { raw, states, lookup }) ?? []);
  const [first] = resolved;
  if (first === undefined) return null;
  if (resolved.length === 1)
    return (
      <Tooltip label={first.title} withinPortal>
        <UnstyledButton className={css("mark")} aria-label={first.title} {...anchorTo(first)}>
          <IconExternalLink size={14} aria-hidden />
        </UnstyledButton>
      </Tooltip>
    );
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <UnstyledButton className={css("mark")} aria-label="Links of the panel">
          <IconLink size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {resolved.map((link, at) => (
          <Menu.Item key={`${at} ${link.href}`} {...anchorTo(link)}>
            {link.title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
