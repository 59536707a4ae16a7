import "../styles/mantine.css";
import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconLogin2, IconLogout, IconSettings, IconUser } from "@tabler/icons-react";
import { Link, useLocation } from "react-router";
import { dashboardsPath, rootPath } from "../../api/root-path.ts";
import { PageItem } from "./PageItem.tsx";
import { useViewer, type Viewer } from "../../shell/viewer.ts";
import { whenLoaded } from "../../shell/when-loaded.tsx";

/**
 * Loads the code of the administration links, which few users need. The load starts when the pointer or the focus
 * reaches the button.
 */
export const loadItems = () => import("./AdministrationItems.tsx");
const AdministrationItems = whenLoaded(loadItems, null);

/**
 * Matches the paths of pages on which the account button is hidden: the sign-in page, invitations and password resets.
 * Their paths contain secret codes, which must not be copied into the address of a sign-in link.
 */
const SIGN_IN_PAGES = /^\/(?:login$|invite\/|user\/password\/)/;

/**
 * Shows the signed-in user with links to the profile and to the administration pages, and a button to sign out. Shows
 * visitors a link to the sign-in page; also the administration links if the organization's admins need no login.
 */
export default function AccountButton() {
  const { pathname } = useLocation();
  const viewer = useViewer();
  if (viewer === undefined || SIGN_IN_PAGES.test(pathname)) return null;
  return (
    <>
      {!viewer.isSignedIn && viewer.canSignIn && <SignInButton />}
      {(viewer.isSignedIn || viewer.isOrgAdmin) && <AccountMenu viewer={viewer} />}
    </>
  );
}

function SignInButton() {
  const { pathname, search } = useLocation();
  const folder = rootPath.slice(dashboardsPath.length);
  const path = `/login?${new URLSearchParams({ redirectTo: `${folder}${pathname}${search}` })}`;
  const look = { size: "xs", variant: "default", leftSection: <IconLogin2 size={15} aria-hidden /> };
  if (folder !== "")
    return (
      <Button component="a" href={`${dashboardsPath}${path}`} {...look}>
        Sign in
      </Button>
    );
  return (
    <Button component={Link} to={path} {...look}>
      Sign in
    </Button>
  );
}

function AccountMenu({ viewer: { isSignedIn, login } }: { viewer: Viewer }) {
  return (
    <Menu shadow="md" position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={isSignedIn ? `Account of ${login}` : "Administration"}
          onPointerEnter={() => void loadItems()}
          onFocus={() => void loadItems()}
        >
          {isSignedIn ? <IconUser size={18} aria-hidden /> : <IconSettings size={18} aria-hidden />}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {isSignedIn && (
          <>
            <Menu.Label>{login}</Menu.Label>
            <PageItem path="/profile" name="Profile" icon={IconUser} />
            {/* A link to the server, not a route of the app: signing out loads a new page. */}
            <Menu.Item
              component="a"
              href={`${dashboardsPath}/logout`}
              leftSection={<IconLogout size={16} aria-hidden />}
            >
              Sign out
            </Menu.Item>
          </>
        )}
        <AdministrationItems />
      </Menu.Dropdown>
    </Menu>
  );
}
