import "../styles/mantine.css";
import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconLogin2, IconLogout, IconUser } from "@tabler/icons-react";
import { Link, useLocation } from "react-router";
import { rootPath } from "../../api/root-path.ts";
import { useViewer } from "../data/viewer.ts";

/** Shows the signed-in user with a button to sign out. An anonymous user gets a link to the sign-in page instead. */
export default function AccountButton() {
  const { pathname, search } = useLocation();
  const viewer = useViewer();
  if (viewer === undefined || (!viewer.isSignedIn && !viewer.canSignIn) || pathname === "/login") return null;
  if (!viewer.isSignedIn)
    return (
      <Button
        component={Link}
        to={`/login?${new URLSearchParams({ redirectTo: `${pathname}${search}` })}`}
        size="xs"
        variant="default"
        leftSection={<IconLogin2 size={15} aria-hidden />}
      >
        Sign in
      </Button>
    );
  return (
    <Menu shadow="md" position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Account of ${viewer.login}`}>
          <IconUser size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{viewer.login}</Menu.Label>
        {/* A link to the server, not a route of the app: signing out loads a new page. */}
        <Menu.Item component="a" href={`${rootPath}/logout`} leftSection={<IconLogout size={16} aria-hidden />}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
