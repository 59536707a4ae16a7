import { Button, Container, Menu } from "@mantine/core";
import { IconChevronDown, IconTerminal2 } from "@tabler/icons-react";
import { lazy } from "react";
import { BrowserRouter, Link, NavLink, Outlet, Route, Routes, useLocation } from "react-router";
import { rootPath } from "../api/root-path.ts";
import type { LinkSection, PageLink, Role } from "../roles/role.ts";
import { ColorSchemeButton } from "./ColorSchemeButton.tsx";
import { AppHeader } from "./AppHeader.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { Notifications } from "./Notifications.tsx";
import { ReadinessGate } from "./ReadinessGate.tsx";
import { classesOf } from "./style-sheet.ts";
import styles from "./App.module.css";

const css = classesOf(styles);

const NotFoundPage = lazy(() => import("./NotFoundPage.tsx"));

function StatusMenu({ sections }: { sections: readonly LinkSection[] }) {
  const { pathname } = useLocation();
  const current = sections.some(({ links }) => links.some(({ path }) => path === pathname));
  const item = ({ path, name, icon: ItemIcon }: PageLink) => (
    <Menu.Item
      key={path}
      component={Link}
      to={path}
      leftSection={<ItemIcon size={16} aria-hidden />}
      {...(path === pathname ? { "aria-current": "page" as const, fw: 600 } : {})}
    >
      {name}
    </Menu.Item>
  );
  return (
    <Menu shadow="md" width={270} position="bottom-start">
      <Menu.Target>
        <Button
          variant={current ? "light" : "subtle"}
          color={current ? "fennel" : "gray"}
          className={css("link")}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          Status
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {sections.map(({ name, links }, index) => [
          index > 0 && <Menu.Divider key={`before ${name}`} />,
          <Menu.Label key={name}>{name}</Menu.Label>,
          ...links.map(item),
        ])}
      </Menu.Dropdown>
    </Menu>
  );
}

function BarLink({ link: { path, name, icon: LinkIcon }, onClick }: { link: PageLink; onClick?: () => void }) {
  return (
    <NavLink to={path} className={css("link", "anchor")} {...(onClick === undefined ? {} : { onClick })}>
      <LinkIcon size={16} aria-hidden />
      {name}
    </NavLink>
  );
}

function ConsolesLink({ href = "" }: { href: string | undefined }) {
  if (href === "") return null;
  return (
    <a className={css("link", "anchor")} href={href}>
      <IconTerminal2 size={16} aria-hidden />
      Consoles
    </a>
  );
}

function Header({ role }: { role: Role }) {
  const { name, links, menu, Tools } = role;
  const navigation = links.length > 0 && {
    navigation: (
      <>
        {links.map((link) => (
          <BarLink key={link.path} link={link} />
        ))}
        {menu.length > 0 && <StatusMenu sections={menu} />}
        <ConsolesLink href={role.consolesLink} />
      </>
    ),
    renderNarrowNavigation: (close: () => void) => (
      <>
        {[...links, ...menu.flatMap((section) => section.links)].map((link) => (
          <BarLink key={link.path} link={link} onClick={close} />
        ))}
        <ConsolesLink href={role.consolesLink} />
      </>
    ),
  };
  return (
    <AppHeader
      {...(name === undefined ? {} : { role: name })}
      home={`${rootPath}${role.start}`}
      {...navigation}
      tools={
        <>
          {Tools !== undefined && <Tools />}
          <ColorSchemeButton />
        </>
      }
    />
  );
}

/** What stands around every page: the bar, and the page of the route below it. */
function Shell({ role }: { role: Role }) {
  const { pathname, search } = useLocation();
  const isBare = role.isBare?.({ pathname, search }) === true;
  const page = (
    <ErrorBoundary of={pathname}>
      <Outlet />
    </ErrorBoundary>
  );
  return (
    <>
      <Notifications />
      {!isBare && <Header role={role} />}
      <Container component="main" id="content" tabIndex={-1} fluid className={isBare ? "page bare" : "page"}>
        {role.waitsUntilReady ? <ReadinessGate>{page}</ReadinessGate> : page}
      </Container>
    </>
  );
}

/** The UI of one role: its pages by their paths below the root. */
export function App({ role }: { role: Role }) {
  return (
    <BrowserRouter basename={rootPath === "" ? "/" : rootPath} useTransitions={false}>
      <Routes>
        <Route element={<Shell role={role} />}>
          {role.pages.map(({ path, Page }) => (
            <Route key={path} path={path} element={<Page />} />
          ))}
          <Route path="*" element={<NotFoundPage role={role} />} />
        </Route>
      </Routes>
    </BrowserRouter>
  );
}
