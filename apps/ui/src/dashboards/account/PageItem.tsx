import { Menu } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import { Link } from "react-router";
import { dashboardsPath, rootPath } from "../../api/root-path.ts";

/** A menu item that leads to a page of the dashboards, also from the page of another program within the dashboards. */
export function PageItem({ path, name, icon: ItemIcon }: { path: string; name: string; icon: Icon }) {
  const icon = <ItemIcon size={16} aria-hidden />;
  if (rootPath !== dashboardsPath)
    return (
      <Menu.Item component="a" href={`${dashboardsPath}${path}`} leftSection={icon}>
        {name}
      </Menu.Item>
    );
  return (
    <Menu.Item component={Link} to={path} leftSection={icon}>
      {name}
    </Menu.Item>
  );
}
