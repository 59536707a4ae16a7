import { Group, Text } from "@mantine/core";
import { NavLink, useLocation } from "react-router";
import type { PageLink, Role } from "./role.ts";
import { PageHeader } from "./PageHeader.tsx";

/** Page for paths that do not exist, with links to the existing pages. */
export default function NotFoundPage({ role }: { role: Role }) {
  const { pathname } = useLocation();
  const pages: readonly Pick<PageLink, "path" | "name">[] = [
    ...role.links,
    ...role.menu.flatMap((section) => section.links),
  ];
  return (
    <>
      <PageHeader title="Page not found" />
      <Text mb="sm">
        There is no page at <code className="wrap-anywhere">{pathname}</code>. These pages exist:
      </Text>
      <Group component="nav" aria-label="Pages" gap="md">
        {(pages.length > 0 ? pages : [{ path: role.start, name: "Start page" }]).map(({ path, name }) => (
          <NavLink key={path} to={path}>
            {name}
          </NavLink>
        ))}
      </Group>
    </>
  );
}
