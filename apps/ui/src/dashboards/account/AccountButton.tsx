import "../styles/mantine.css";
import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconLogin2, IconLogout, IconUser, IconUserCircle, IconUserCog } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import { rootPath } from "../../api/root-path.ts";
import { type Rights, useRights } from "../data/rights.ts";
import { useViewer, type Viewer } from "../data/viewer.ts";
import { administrationLinks } from "../people/frame/administration-links.ts";

/**
 * Shows the signed-in user with links to the profile and to the pages for administration, and a button to sign out. A
 * visitor gets a link to the sign-in page instead, and the links if the organization's admins need no login.
 */
export default function AccountButton() {
  const { pathname } = useLocation();
  const viewer = useViewer();
  if (viewer === undefined || pathname === "/login") return null;
  return (
    <>
      {!viewer.isSignedIn && viewer.canSignIn && <SignInButton />}
      {(viewer.isSignedIn || viewer.isOrgAdmin) && <AccountMenu viewer={viewer} />}
    </>
  );
}

function SignInButton() {
  const { pathname, search } = useLocation();
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
}

function AccountMenu({ viewer: { isSignedIn, login } }: { viewer: Viewer }) {
  // The rights are requested when the pointer or the focus reaches the button, so that the opened menu is complete.
  const [isNeeded, setNeeded] = useState(false);
  const { data: rights } = useRights(isNeeded);
  const need = (): void => setNeeded(true);
  return (
    <Menu shadow="md" position="bottom-end" onOpen={need}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={isSignedIn ? `Account of ${login}` : "Administration"}
          onPointerEnter={need}
          onFocus={need}
        >
          {isSignedIn ? <IconUser size={18} aria-hidden /> : <IconUserCog size={18} aria-hidden />}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {isSignedIn && (
          <>
            <Menu.Label>{login}</Menu.Label>
            <Menu.Item component={Link} to="/profile" leftSection={<IconUserCircle size={16} aria-hidden />}>
              Profile
            </Menu.Item>
            {/* A link to the server, not a route of the app: signing out loads a new page. */}
            <Menu.Item component="a" href={`${rootPath}/logout`} leftSection={<IconLogout size={16} aria-hidden />}>
              Sign out
            </Menu.Item>
          </>
        )}
        {rights !== undefined && <AdministrationItems rights={rights} />}
      </Menu.Dropdown>
    </Menu>
  );
}

function AdministrationItems({ rights }: { rights: Rights }) {
  const links = administrationLinks.filter(({ isFor }) => isFor(rights));
  if (links.length === 0) return null;
  return (
    <>
      {rights.isSignedIn && <Menu.Divider />}
      <Menu.Label>Administration</Menu.Label>
      {links.map(({ path, name, icon: LinkIcon }) => (
        <Menu.Item key={path} component={Link} to={path} leftSection={<LinkIcon size={16} aria-hidden />}>
          {name}
        </Menu.Item>
      ))}
    </>
  );
}
